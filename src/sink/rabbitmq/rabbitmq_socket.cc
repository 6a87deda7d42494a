#include "sink/rabbitmq/rabbitmq_socket.h"

#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "sink/outbound/unavailable.h"

namespace nexus::sink {
namespace {

absl::Status FromOpenSsl(absl::string_view what) {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return Unavailable(
      absl::StrCat(what, reason == nullptr ? "" : ": ", reason == nullptr ? "" : reason));
}

// OpenSSL itself compares the name while it shakes hands. The library would do so afterwards, and
// knows no addresses.
absl::Status ExpectName(SSL_CTX* context, const std::string& name) {
  X509_VERIFY_PARAM* expected = SSL_CTX_get0_param(context);
  in6_addr any;
  const bool address =
      inet_pton(AF_INET, name.c_str(), &any) == 1 || inet_pton(AF_INET6, name.c_str(), &any) == 1;
  const int set = address ? X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str())
                          : X509_VERIFY_PARAM_set1_host(expected, name.data(), name.size());
  return set == 1 ? absl::OkStatus() : FromOpenSsl(absl::StrCat("the server name ", name));
}

absl::Status SetUpTls(amqp_socket_t* socket, const BrokerAddress& broker, const TlsFiles& tls) {
  auto* context = static_cast<SSL_CTX*>(amqp_ssl_socket_get_context(socket));
  amqp_ssl_socket_set_verify_hostname(socket, 0);
  amqp_ssl_socket_set_verify_peer(socket, 1);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  NEXUS_RETURN_IF_ERROR(
      ExpectName(context, tls.server_name.empty() ? broker.host : tls.server_name));
  if (tls.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (amqp_ssl_socket_set_cacert(socket, tls.ca_file.c_str()) != AMQP_STATUS_OK) {
    return FromOpenSsl(absl::StrCat("the CA file ", tls.ca_file));
  }
  if (tls.certificate_file.empty()) return absl::OkStatus();
  // A key with a passphrase fails; OpenSSL would ask for it on the terminal.
  amqp_ssl_socket_set_key_passwd(socket, "");
  if (amqp_ssl_socket_set_key(socket, tls.certificate_file.c_str(), tls.key_file.c_str()) !=
      AMQP_STATUS_OK) {
    return FromOpenSsl(absl::StrCat("the certificate ", tls.certificate_file, " and its key"));
  }
  return absl::OkStatus();
}

// The kernel gives up what the broker's does not take. (A time to send has no effect: the library
// makes the socket non-blocking and polls.)
void BoundSilence(int fd, absl::Duration limit) {
  const int milliseconds = static_cast<int>(absl::ToInt64Milliseconds(limit));
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof(milliseconds));
}

}  // namespace

absl::Status FromLibrary(int status, absl::string_view what) {
  return Unavailable(absl::StrCat(what, ": ", amqp_error_string2(status)));
}

absl::Status OpenSocket(amqp_connection_state_t state, const BrokerAddress& broker,
                        const RabbitMqOptions& options) {
  const std::string where = absl::StrCat(broker.host, ":", broker.port);
  amqp_socket_t* socket =
      options.tls.enabled ? amqp_ssl_socket_new(state) : amqp_tcp_socket_new(state);
  if (socket == nullptr) return Unavailable("no memory for a socket");
  if (options.tls.enabled) NEXUS_RETURN_IF_ERROR(SetUpTls(socket, broker, options.tls));
  const timeval timeout = absl::ToTimeval(options.connect_timeout);
  ERR_clear_error();
  const int status = amqp_socket_open_noblock(socket, broker.host.c_str(), broker.port, &timeout);
  if (status == AMQP_STATUS_SSL_CONNECTION_FAILED || status == AMQP_STATUS_SSL_ERROR ||
      status == AMQP_STATUS_SSL_PEER_VERIFY_FAILED) {
    return FromOpenSsl(absl::StrCat("TLS with ", where));
  }
  if (status != AMQP_STATUS_OK) return FromLibrary(status, absl::StrCat("connecting to ", where));
  BoundSilence(amqp_get_sockfd(state), options.send_timeout);
  return absl::OkStatus();
}

CorkedSocket::CorkedSocket(int fd) : fd_(fd) {
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
}

CorkedSocket::~CorkedSocket() {
  const int off = 0;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
}

}  // namespace nexus::sink
