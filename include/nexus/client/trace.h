#pragma once

// What belongs to one correlation, in the messages of the contract.
//
// Thread-safe; `client` must outlive it. Errors are those of client.h.

#include "absl/status/statusor.h"
#include "nexus/client/client.h"
#include "nexus/v1/audit.pb.h"

namespace nexus::client {

class TraceClient {
 public:
  explicit TraceClient(Client& client) : client_(client) {}

  absl::StatusOr<v1::TraceResponse> Trace(const v1::TraceRequest& request);

 private:
  Client& client_;
};

}  // namespace nexus::client
