#pragma once

// TLS of the gRPC port, with a certificate that can be replaced while the server runs.
//
// What gRPC 1.51 offers for that is a provider that looks at files again and again, and drops the
// old certificate before it knows that the new one is good. So the files that it looks at are ours,
// in memory and of no folder, and hold only what has been checked. Key and certificate are one
// file: whoever reads it reads a pair.
//
// Use() may run on any thread, one at a time; credentials() at any time. Must outlive the server.

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "grpcpp/security/server_credentials.h"
#include "tls/server_certificate.h"
#include "tls/server_context.h"

namespace nexus::rpc {

class TlsCredentials {
 public:
  // kInternal if the system has no such memory.
  static absl::StatusOr<std::unique_ptr<TlsCredentials>> Create(const tls::ServerCertificate& first,
                                                                tls::ClientCertificates clients);
  ~TlsCredentials();
  TlsCredentials(const TlsCredentials&) = delete;
  TlsCredentials& operator=(const TlsCredentials&) = delete;

  // For connections that begin within a second or two, and later. A client CA can be replaced, but
  // neither come nor go.
  absl::Status Use(const tls::ServerCertificate& certificate);

  std::shared_ptr<grpc::ServerCredentials> credentials() const { return credentials_; }

 private:
  explicit TlsCredentials(bool has_client_ca) : has_client_ca_(has_client_ca) {}

  const bool has_client_ca_;
  int pair_fd_ = -1;
  int client_ca_fd_ = -1;
  std::shared_ptr<grpc::ServerCredentials> credentials_;
};

}  // namespace nexus::rpc
