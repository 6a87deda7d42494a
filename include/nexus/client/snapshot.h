#pragma once

// Snapshots of aggregates of a server, in the messages of the contract.
//
//   client::SnapshotClient snapshots(**client);
//   auto made = snapshots.Create("order-7");
//
// Thread-safe; `client` must outlive it. Errors are those of client.h.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "nexus/admin/v1/snapshot.pb.h"
#include "nexus/client/client.h"

namespace nexus::client {

class SnapshotClient {
 public:
  explicit SnapshotClient(Client& client) : client_(client) {}

  absl::StatusOr<admin::v1::ListSnapshotsResponse> List(
      const admin::v1::ListSnapshotsRequest& request);
  // Without a revision: the newest one.
  absl::StatusOr<admin::v1::Snapshot> Get(const std::string& stream,
                                          std::optional<uint64_t> revision);
  absl::StatusOr<admin::v1::Snapshot> Create(const std::string& stream);
  // Without a revision: all of the stream.
  absl::StatusOr<admin::v1::DeleteSnapshotResponse> Delete(const std::string& stream,
                                                           std::optional<uint64_t> revision);

 private:
  Client& client_;
};

}  // namespace nexus::client
