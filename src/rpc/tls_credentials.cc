#include "rpc/tls_credentials.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::rpc {
namespace {

constexpr unsigned kLookSeconds = 1;  // the least that gRPC takes

absl::Status Failed(absl::string_view what) {
  return MakeError(ErrorReason::kInternal, absl::StrCat("TLS: ", what, ": ", std::strerror(errno)));
}

// A file of no folder that only this process can open, or -1.
int NewFile(const std::string& content) {
  const int fd = memfd_create("nexus-tls", MFD_CLOEXEC);
  if (fd < 0) return -1;
  size_t written = 0;
  while (written < content.size()) {
    const ssize_t n = write(fd, content.data() + written, content.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      close(fd);
      return -1;
    }
    written += static_cast<size_t>(n);
  }
  return fd;
}

// Another content under the same number, and so the same path, at once.
absl::Status ReplaceFile(int& fd, const std::string& content) {
  const int fresh = NewFile(content);
  if (fresh < 0) return Failed("no memory for a certificate");
  if (fd < 0) {
    fd = fresh;
    return absl::OkStatus();
  }
  const bool replaced = dup3(fresh, fd, O_CLOEXEC) >= 0;
  const absl::Status outcome = replaced ? absl::OkStatus() : Failed("dup3");
  close(fresh);
  return outcome;
}

std::string PathOf(int fd) { return absl::StrCat("/proc/self/fd/", fd); }

grpc_ssl_client_certificate_request_type RequestType(tls::ClientCertificates clients) {
  switch (clients) {
    case tls::ClientCertificates::kNone:
      break;
    case tls::ClientCertificates::kRequest:
      return GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
    case tls::ClientCertificates::kRequire:
      return GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsCredentials>> TlsCredentials::Create(
    const tls::ServerCertificate& first, tls::ClientCertificates clients) {
  using grpc::experimental::FileWatcherCertificateProvider;
  const bool asks = clients != tls::ClientCertificates::kNone && !first.client_ca.empty();
  std::unique_ptr<TlsCredentials> made(new TlsCredentials(asks));
  NEXUS_RETURN_IF_ERROR(made->Use(first));
  const std::string pair = PathOf(made->pair_fd_);
  const auto provider = std::make_shared<FileWatcherCertificateProvider>(
      pair, pair, asks ? PathOf(made->client_ca_fd_) : "", kLookSeconds);
  grpc::experimental::TlsServerCredentialsOptions options(provider);
  options.watch_identity_key_cert_pairs();
  if (asks) options.watch_root_certs();
  options.set_cert_request_type(RequestType(asks ? clients : tls::ClientCertificates::kNone));
  made->credentials_ = grpc::experimental::TlsServerCredentials(options);
  if (made->credentials_ == nullptr) return Failed("gRPC does not take the certificate");
  return made;
}

TlsCredentials::~TlsCredentials() {
  credentials_.reset();  // ends who looks at the files
  if (pair_fd_ >= 0) close(pair_fd_);
  if (client_ca_fd_ >= 0) close(client_ca_fd_);
}

absl::Status TlsCredentials::Use(const tls::ServerCertificate& certificate) {
  if (has_client_ca_) NEXUS_RETURN_IF_ERROR(ReplaceFile(client_ca_fd_, certificate.client_ca));
  return ReplaceFile(pair_fd_, absl::StrCat(certificate.chain, certificate.key));
}

}  // namespace nexus::rpc
