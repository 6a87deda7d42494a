#pragma once

// A blocking TLS connection, for tests that want to see the handshake.

#include <memory>
#include <string>

struct ssl_st;

namespace nexus::fake {

struct TlsClientOptions {
  std::string ca;           // PEM; whom it believes
  std::string certificate;  // PEM; what it shows; empty: nothing
  std::string key;
  int version_max = 0;       // 0x0302: TLS 1.1; 0: any
  std::string ciphers = {};  // of TLS 1.2; empty: the library's
};

class TlsClient {
 public:
  // `address` is "127.0.0.1:port".
  TlsClient(const std::string& address, const TlsClientOptions& options);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // Whether the handshake was done. With TLS 1.3 a server refuses a client's certificate only after
  // that: then nothing can be read.
  bool connected() const { return connected_; }
  std::string version() const;
  // SHA-256 of the server's certificate, hexadecimal.
  std::string fingerprint() const;

  // Sends it, and gives everything until the server closes.
  std::string Ask(const std::string& request);

 private:
  struct Free {
    void operator()(ssl_st* connection) const;
  };

  int fd_ = -1;
  std::unique_ptr<ssl_st, Free> connection_;
  bool connected_ = false;
};

}  // namespace nexus::fake
