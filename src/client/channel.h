#pragma once

// Opens connections. Only here is decided how.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"

namespace nexus::client {

// MALFORMED_REQUEST for an empty address. `own_connection`: do not share one with other channels to
// the same address.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const std::string& server,
                                                           bool own_connection);

}  // namespace nexus::client
