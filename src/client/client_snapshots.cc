// Snapshots: the client's part.

#include "client/parts.h"
#include "client/status.h"
#include "nexus/client/snapshot.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {
namespace {

using SnapshotStub = admin::v1::SnapshotService::Stub;

// One call of the service.
template <typename Parts, typename Response, typename Request>
absl::StatusOr<Response> AskSnapshots(Parts& parts,
                                      grpc::Status (SnapshotStub::*method)(grpc::ClientContext*,
                                                                           const Request&,
                                                                           Response*),
                                      const Request& request) {
  Call call(parts.calls, parts.options.token, parts.options.timeout);
  Response response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc((parts.snapshots.get()->*method)(call.context(), request, &response)));
  return response;
}

}  // namespace

absl::StatusOr<admin::v1::ListSnapshotsResponse> SnapshotClient::List(
    const admin::v1::ListSnapshotsRequest& request) {
  return AskSnapshots(*client_.parts_, &SnapshotStub::ListSnapshots, request);
}
absl::StatusOr<admin::v1::Snapshot> SnapshotClient::Get(const std::string& stream,
                                                        std::optional<uint64_t> revision) {
  admin::v1::GetSnapshotRequest request;
  request.set_stream(stream);
  if (revision.has_value()) request.set_revision(*revision);
  return AskSnapshots(*client_.parts_, &SnapshotStub::GetSnapshot, request);
}
absl::StatusOr<admin::v1::Snapshot> SnapshotClient::Create(const std::string& stream) {
  admin::v1::CreateSnapshotRequest request;
  request.set_stream(stream);
  return AskSnapshots(*client_.parts_, &SnapshotStub::CreateSnapshot, request);
}
absl::StatusOr<admin::v1::DeleteSnapshotResponse> SnapshotClient::Delete(
    const std::string& stream, std::optional<uint64_t> revision) {
  admin::v1::DeleteSnapshotRequest request;
  request.set_stream(stream);
  if (revision.has_value()) request.set_revision(*revision);
  return AskSnapshots(*client_.parts_, &SnapshotStub::DeleteSnapshot, request);
}

}  // namespace nexus::client
