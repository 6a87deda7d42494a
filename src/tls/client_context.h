#pragma once

// Whom this server believes where it is a client in TLS itself.

#include <memory>
#include <string>

#include "absl/status/statusor.h"

struct ssl_ctx_st;  // OpenSSL's context

namespace nexus::tls {

using ClientContextPtr = std::shared_ptr<ssl_ctx_st>;

// TLS 1.2 and 1.3. `ca_file` is a file in PEM; empty: what the system believes.
// CONFIGURATION_INVALID with the file and what is wrong with it.
absl::StatusOr<ClientContextPtr> MakeClientContext(const std::string& ca_file);

}  // namespace nexus::tls
