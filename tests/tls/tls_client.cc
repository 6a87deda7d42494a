#include "tls/tls_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace nexus::fake {
namespace {

constexpr int kTimeoutSeconds = 30;

template <typename Read>
auto FromPem(const std::string& pem, Read read) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  auto* object = read(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  EXPECT_NE(object, nullptr);
  return object;
}

SSL_CTX* NewContext(const TlsClientOptions& options) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  // Whatever a test wants to try, the server is to refuse it and not this side.
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  if (options.version_max != 0) SSL_CTX_set_max_proto_version(context, options.version_max);
  if (!options.ciphers.empty()) {
    EXPECT_EQ(SSL_CTX_set_cipher_list(context, options.ciphers.c_str()), 1);
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  X509* ca = FromPem(options.ca, PEM_read_bio_X509);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca);
  X509_free(ca);
  if (options.certificate.empty()) return context;
  X509* own = FromPem(options.certificate, PEM_read_bio_X509);
  EVP_PKEY* key = FromPem(options.key, PEM_read_bio_PrivateKey);
  EXPECT_EQ(SSL_CTX_use_certificate(context, own), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context, key), 1);
  X509_free(own);
  EVP_PKEY_free(key);
  return context;
}

int Connect(const std::string& address) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const timeval patience{kTimeoutSeconds, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port =
      htons(static_cast<uint16_t>(std::atoi(address.substr(address.rfind(':') + 1).c_str())));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
  return fd;
}

}  // namespace

void TlsClient::Free::operator()(ssl_st* connection) const { SSL_free(connection); }

TlsClient::TlsClient(const std::string& address, const TlsClientOptions& options)
    : fd_(Connect(address)) {
  signal(SIGPIPE, SIG_IGN);
  SSL_CTX* context = NewContext(options);
  connection_.reset(SSL_new(context));
  SSL_CTX_free(context);
  SSL_set_fd(connection_.get(), fd_);
  SSL_set1_host(connection_.get(), "localhost");
  connected_ = SSL_connect(connection_.get()) == 1;
}

TlsClient::~TlsClient() { close(fd_); }

std::string TlsClient::version() const { return SSL_get_version(connection_.get()); }

std::string TlsClient::fingerprint() const {
  X509* peer = SSL_get1_peer_certificate(connection_.get());
  if (peer == nullptr) return "";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  X509_digest(peer, EVP_sha256(), digest, &size);
  X509_free(peer);
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest), size});
}

std::string TlsClient::Ask(const std::string& request) {
  SSL_write(connection_.get(), request.data(), static_cast<int>(request.size()));
  std::string answer;
  char bytes[16 << 10];
  int n = 0;
  while ((n = SSL_read(connection_.get(), bytes, sizeof(bytes))) > 0) {
    answer.append(bytes, static_cast<size_t>(n));
  }
  return answer;
}

}  // namespace nexus::fake
