#pragma once

// The TLS of this server's connections where OpenSSL is used directly (the HTTP port): TLS 1.2 and
// 1.3, ciphers with authentication and forward secrecy only.

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "tls/server_certificate.h"

struct ssl_ctx_st;  // OpenSSL's context

namespace nexus::tls {

// What a client has to show.
enum class ClientCertificates {
  kNone,     // nothing; none is asked for
  kRequest,  // one that its CA issued, or none
  kRequire,  // one that its CA issued
};

// Connections hold the context that they began with, and go on as it is replaced.
using ServerContextPtr = std::shared_ptr<ssl_ctx_st>;

// kInvalidArgument with what OpenSSL says. Without a client CA nobody is asked.
absl::StatusOr<ServerContextPtr> MakeServerContext(const ServerCertificate& certificate,
                                                   ClientCertificates clients);

// The context for connections that begin now. Thread-safe.
class ServerContexts {
 public:
  explicit ServerContexts(ClientCertificates clients) : clients_(clients) {}

  absl::Status Use(const ServerCertificate& certificate);
  // Null before the first Use().
  ServerContextPtr Current() const;

 private:
  const ClientCertificates clients_;
  mutable absl::Mutex mutex_;
  ServerContextPtr current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::tls
