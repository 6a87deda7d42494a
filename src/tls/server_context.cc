#include "tls/server_context.h"

#include <openssl/ssl.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "tls/pem.h"

namespace nexus::tls {
namespace {

// Those of TLS 1.3 are all of this kind.
constexpr char kCiphers12[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

absl::Status Failed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(what, ": ", TakeOpenSslError()));
}

absl::Status UseChain(SSL_CTX* context, const ServerCertificate& certificate) {
  NEXUS_ASSIGN_OR_RETURN(const auto chain, ReadCertificates(certificate.chain));
  NEXUS_ASSIGN_OR_RETURN(const PrivateKeyPtr key, ReadPrivateKey(certificate.key));
  if (SSL_CTX_use_certificate(context, chain.front().get()) != 1) {
    return Failed("the certificate cannot be used");
  }
  for (size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) {
      return Failed("its issuer's certificate cannot be used");
    }
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) return Failed("the key cannot be used");
  return absl::OkStatus();
}

absl::Status AskClients(SSL_CTX* context, const std::string& client_ca, bool require) {
  NEXUS_ASSIGN_OR_RETURN(const auto issuers, ReadCertificates(client_ca));
  for (const CertificatePtr& issuer : issuers) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), issuer.get()) != 1 ||
        SSL_CTX_add_client_CA(context, issuer.get()) != 1) {
      return Failed("a certificate of the client CA cannot be used");
    }
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (require ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     nullptr);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ServerContextPtr> MakeServerContext(const ServerCertificate& certificate,
                                                   ClientCertificates clients) {
  ServerContextPtr context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (context == nullptr) return Failed("no TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), kCiphers12);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_NO_COMPRESSION);
  // A resumed session would keep a client's certificate whose CA is no longer believed.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context.get(), 0);
  NEXUS_RETURN_IF_ERROR(UseChain(context.get(), certificate));
  if (clients != ClientCertificates::kNone && !certificate.client_ca.empty()) {
    NEXUS_RETURN_IF_ERROR(
        AskClients(context.get(), certificate.client_ca, clients == ClientCertificates::kRequire));
  }
  return context;
}

absl::Status ServerContexts::Use(const ServerCertificate& certificate) {
  NEXUS_ASSIGN_OR_RETURN(ServerContextPtr context, MakeServerContext(certificate, clients_));
  absl::MutexLock lock(&mutex_);
  current_ = std::move(context);
  return absl::OkStatus();
}

ServerContextPtr ServerContexts::Current() const {
  absl::MutexLock lock(&mutex_);
  return current_;
}

}  // namespace nexus::tls
