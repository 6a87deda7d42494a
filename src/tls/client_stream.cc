#include "tls/client_stream.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "tls/pem.h"

namespace nexus::tls {
namespace {

bool IsAddress(const std::string& name) {
  unsigned char parsed[sizeof(in6_addr)];
  return inet_pton(AF_INET, name.c_str(), parsed) == 1 ||
         inet_pton(AF_INET6, name.c_str(), parsed) == 1;
}

}  // namespace

void ClientStream::Free::operator()(ssl_st* connection) const { SSL_free(connection); }

ClientStream::ClientStream(const ClientContextPtr& context, const std::string& name, int fd)
    : connection_(SSL_new(context.get())) {
  SSL* const ssl = connection_.get();
  if (IsAddress(name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str());
  } else {
    SSL_set1_host(ssl, name.c_str());
    SSL_set_tlsext_host_name(ssl, name.c_str());
  }
  SSL_set_fd(ssl, fd);
  SSL_set_connect_state(ssl);
}

absl::StatusOr<size_t> ClientStream::Send(absl::string_view bytes) {
  ERR_clear_error();
  size_t moved = 0;
  const int result = SSL_write_ex(connection_.get(), bytes.data(), bytes.size(), &moved);
  return Outcome(result, moved);
}

absl::StatusOr<size_t> ClientStream::Receive(char* bytes, size_t size) {
  ERR_clear_error();
  size_t moved = 0;
  const int result = SSL_read_ex(connection_.get(), bytes, size, &moved);
  return Outcome(result, moved);
}

absl::StatusOr<size_t> ClientStream::Outcome(int result, size_t moved) {
  const int system_error = errno;
  wants_write_ = false;
  if (result == 1) return moved;
  switch (SSL_get_error(connection_.get(), result)) {
    case SSL_ERROR_WANT_WRITE:
      wants_write_ = true;
      return 0;
    case SSL_ERROR_WANT_READ:
      return 0;
    case SSL_ERROR_ZERO_RETURN:
      return absl::OutOfRangeError("closed");
    case SSL_ERROR_SYSCALL:
      return absl::UnavailableError(std::strerror(system_error));
    default:
      break;
  }
  const long verified = SSL_get_verify_result(connection_.get());
  const std::string why = TakeOpenSslError();
  if (verified == X509_V_OK) return absl::UnavailableError(absl::StrCat("TLS: ", why));
  return absl::UnavailableError(absl::StrCat("TLS: the server's certificate is not believed: ",
                                             X509_verify_cert_error_string(verified)));
}

}  // namespace nexus::tls
