#pragma once

// An issuer of certificates for tests.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct evp_pkey_st;
struct x509_st;

namespace nexus::fake {

struct CertificateRequest {
  std::string common_name = {};
  std::vector<std::string> names = {};  // "DNS:localhost", "IP:127.0.0.1", "URI:spiffe://a/b"
  int64_t begins_in = -3'600;           // seconds from now
  int64_t ends_in = 3'600;
};

struct Certificate {
  std::string certificate;  // PEM
  std::string key;
};

class CertificateMaker {
 public:
  explicit CertificateMaker(const std::string& name = "test CA");
  ~CertificateMaker();

  const std::string& ca() const { return ca_; }
  Certificate Make(const CertificateRequest& request) const;
  // For a server on this machine.
  Certificate Server() const { return Make({"nexusd", {"DNS:localhost", "IP:127.0.0.1"}}); }

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
    void operator()(x509_st* certificate) const;
  };

  std::unique_ptr<evp_pkey_st, Free> key_;
  std::unique_ptr<x509_st, Free> issuer_;
  std::string ca_;
};

}  // namespace nexus::fake
