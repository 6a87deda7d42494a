// What the ports show to prove who they are, and what is in the clear.

#include <utility>

#include "app/daemon_parts.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {
namespace {

tls::ClientCertificates ClientsOf(const std::string& text) {
  if (text == "require") return tls::ClientCertificates::kRequire;
  return text == "none" ? tls::ClientCertificates::kNone : tls::ClientCertificates::kRequest;
}

}  // namespace

absl::Status Daemon::Parts::UseCertificate(const tls::ServerCertificate& certificate) {
  if (http_tls != nullptr) NEXUS_RETURN_IF_ERROR(http_tls->Use(certificate));
  if (grpc_tls != nullptr) return grpc_tls->Use(certificate);
  NEXUS_ASSIGN_OR_RETURN(grpc_tls, rpc::TlsCredentials::Create(
                                       certificate, ClientsOf(config.tls.client_certificates)));
  return absl::OkStatus();
}

absl::Status Daemon::Parts::StartTls() {
  const config::TlsConfig& from = config.tls;
  if (from.certificate.empty()) return absl::OkStatus();
  if (from.http) {
    http_tls = std::make_unique<tls::ServerContexts>(
        ClientsOf(from.http_client_certificates == "same" ? from.client_certificates
                                                          : from.http_client_certificates));
  }
  tls::CertificateWatchOptions with;
  with.files = {from.certificate, from.key, from.client_ca};
  with.use = [this](const tls::ServerCertificate& fresh) { return UseCertificate(fresh); };
  with.on_change = [this](bool used, absl::string_view what) {
    logger.Log(used ? telemetry::Level::kInfo : telemetry::Level::kError,
               used ? "the certificate was replaced" : "a new certificate was refused",
               {{"certificate", what}});
  };
  certificates = std::make_unique<tls::CertificateWatch>(std::move(with), *workers, clock, metrics);
  return certificates->Start();
}

// At each start, so that it does not stay by mistake.
void Daemon::Parts::WarnOfPlaintext() {
  if (!config.tls.allow_plaintext_network) return;
  const bool grpc_clear = grpc_tls == nullptr;
  const bool http_clear = http_tls == nullptr;
  if (!grpc_clear && !http_clear) return;
  logger.Log(telemetry::Level::kWarning,
             "tls.allow_plaintext_network: not encrypted, whoever is on the way reads every event "
             "and every token",
             {{"grpc", grpc_clear ? grpc->address() : "encrypted"},
              {"http", http_clear ? http->address() : "encrypted"},
              {"schema_registry", config.http.schema_registry_address}});
}

}  // namespace nexus::app
