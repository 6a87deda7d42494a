#pragma once

// nexus.admin.v1.SnapshotService over the store of snapshots and the runner of commands.

#include <functional>
#include <string>

#include "command/command_runner.h"
#include "domain/book/domain_book.h"
#include "nexus/admin/v1/snapshot.pb.h"
#include "nexus/port/snapshot_store.h"
#include "rpc/call_context.h"
#include "rpc/transport/method_table.h"
#include "rpc/unary.h"
#include "snapshot/fold_digest.h"

namespace nexus::rpc {

// All of it must outlive every call.
struct SnapshotControl {
  SnapshotStore& store;
  snapshot::FoldDigests& digests;
  command::CommandRunner& runner;
  const domain::DomainBook& domains;
};

class SnapshotService {
 public:
  SnapshotService(const ServiceParts& parts, const SnapshotControl& control)
      : parts_(parts), control_(control) {}

  void AddTo(MethodTable& table);

 private:
  void ListSnapshots(
      UnaryPtr<admin::v1::ListSnapshotsRequest, admin::v1::ListSnapshotsResponse> call);
  void GetSnapshot(UnaryPtr<admin::v1::GetSnapshotRequest, admin::v1::Snapshot> call);
  void CreateSnapshot(UnaryPtr<admin::v1::CreateSnapshotRequest, admin::v1::Snapshot> call);
  void DeleteSnapshot(
      UnaryPtr<admin::v1::DeleteSnapshotRequest, admin::v1::DeleteSnapshotResponse> call);

  void Fill(const SnapshotInfo& info, admin::v1::Snapshot& out) const;

  const ServiceParts parts_;
  const SnapshotControl control_;
};

}  // namespace nexus::rpc
