#pragma once

// Opens connections. Only here is decided how.

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "nexus/client/tls.h"

namespace nexus::client {

// MALFORMED_REQUEST for an empty address, or a certificate without its key. `call_timeout`: how
// long callers wait for an answer, most of which an attempt to connect may take: a server that is
// only busy is not given up, and one that does not answer is still told from one that may have got
// the call. `own_connection`: do not share one with other channels to the same address.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(
    const std::string& server, absl::Duration call_timeout, bool own_connection,
    const std::optional<ClientTls>& tls = std::nullopt);

}  // namespace nexus::client
