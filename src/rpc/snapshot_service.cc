#include "rpc/snapshot_service.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "rpc/convert.h"
#include "rpc/page.h"
#include "rpc/service_names.h"

namespace nexus::rpc {
namespace {

// Runs `work`, which reads from disk, where threads may.
template <typename Call>
void OnAWorker(Executor& workers, const Call& call, Executor::Task work) {
  if (workers.TrySubmit(std::move(work))) return;
  call->Finish(
      MakeError(ErrorReason::kOverloaded, "the workers are busy", absl::Milliseconds(500)));
}

absl::Status NoSnapshot(absl::string_view stream) {
  return MakeError(ErrorReason::kNotFound, absl::StrCat("there is no such snapshot of ", stream));
}

}  // namespace

void SnapshotService::AddTo(MethodTable& table) {
  using Self = SnapshotService;
  table.Add(kSnapshotService, "ListSnapshots", Unary(parts_, *this, &Self::ListSnapshots));
  table.Add(kSnapshotService, "GetSnapshot", Unary(parts_, *this, &Self::GetSnapshot));
  table.Add(kSnapshotService, "CreateSnapshot", Unary(parts_, *this, &Self::CreateSnapshot));
  table.Add(kSnapshotService, "DeleteSnapshot", Unary(parts_, *this, &Self::DeleteSnapshot));
}

void SnapshotService::Fill(const SnapshotInfo& info, admin::v1::Snapshot& out) const {
  out.set_stream(info.stream);
  out.set_revision(info.revision.value);
  out.set_position(info.position.value);
  out.set_event_id(info.event_id.ToString());
  FillTimestamp(info.recorded, *out.mutable_event_time());
  FillTimestamp(info.made, *out.mutable_create_time());
  out.set_events(info.events);
  out.set_aggregate(info.aggregate);
  out.set_state_schema(info.state_schema);
  out.set_code_digest(info.code_digest);
  out.set_state_bytes(info.state_bytes);
  const domain::DomainBook::SnapshotPtr domains = control_.domains.Snapshot();
  const domain::AggregateRecord* const aggregate =
      domains->FindCategory(StreamName::CategoryOf(info.stream));
  out.set_current(aggregate != nullptr && control_.digests.AreOf(*aggregate, info));
}

void SnapshotService::ListSnapshots(
    UnaryPtr<admin::v1::ListSnapshotsRequest, admin::v1::ListSnapshotsResponse> call) {
  const admin::v1::ListSnapshotsRequest& request = call->request();
  SnapshotQuery query;
  query.stream = request.stream();
  const PageKey key{query.stream};
  std::string after;
  if (!call->Ready(
          ReadPageRequest(request.page_size(), request.page_token(), key, query.limit, after))) {
    return;
  }
  if (!after.empty()) {
    // "revision stream": a stream may have blanks.
    const size_t space = after.find(' ');
    SnapshotCursor cursor;
    if (space == std::string::npos ||
        !absl::SimpleAtoi(after.substr(0, space), &cursor.revision.value)) {
      return call->Finish(MakeError(ErrorReason::kMalformedPageToken, "page_token is damaged"));
    }
    cursor.stream = after.substr(space + 1);
    query.after = std::move(cursor);
  }
  OnAWorker(parts_.engine.workers(), call, [this, call, query, key] {
    const absl::StatusOr<SnapshotPage> page = control_.store.List(query);
    if (!call->Ready(page.status())) return;
    for (const SnapshotInfo& info : page->snapshots) Fill(info, *call->response().add_snapshots());
    if (!page->end && !page->snapshots.empty()) {
      const SnapshotInfo& last = page->snapshots.back();
      call->response().set_next_page_token(
          MakePageToken(key, absl::StrCat(last.revision.value, " ", last.stream)));
    }
    call->Finish(absl::OkStatus());
  });
}

void SnapshotService::GetSnapshot(
    UnaryPtr<admin::v1::GetSnapshotRequest, admin::v1::Snapshot> call) {
  OnAWorker(parts_.engine.workers(), call, [this, call] {
    const admin::v1::GetSnapshotRequest& request = call->request();
    SnapshotBound bound;
    if (request.has_revision()) bound.revision = Revision(request.revision());
    absl::StatusOr<std::optional<Snapshot>> found =
        control_.store.Nearest(request.stream(), bound, [&](const SnapshotInfo& info) {
          return !request.has_revision() || info.revision == bound.revision;
        });
    if (!call->Ready(found.status())) return;
    if (!found->has_value()) return call->Finish(NoSnapshot(request.stream()));
    Fill((*found)->info, call->response());
    call->response().set_state(std::move((*found)->state));
    call->Finish(absl::OkStatus());
  });
}

void SnapshotService::CreateSnapshot(
    UnaryPtr<admin::v1::CreateSnapshotRequest, admin::v1::Snapshot> call) {
  const absl::StatusOr<StreamName> stream = StreamName::Parse(call->request().stream());
  if (!call->Ready(stream.status())) return;
  control_.runner.MakeSnapshot(*stream, snapshot::SnapshotReason::kRequest, call->caller().deadline,
                               [this, call](absl::StatusOr<SnapshotInfo> made) {
                                 if (made.ok()) Fill(*made, call->response());
                                 call->Finish(made.status());
                               });
}

void SnapshotService::DeleteSnapshot(
    UnaryPtr<admin::v1::DeleteSnapshotRequest, admin::v1::DeleteSnapshotResponse> call) {
  if (call->request().stream().empty()) {
    return call->Finish(MakeError(ErrorReason::kMalformedRequest, "stream must not be empty"));
  }
  OnAWorker(parts_.engine.workers(), call, [this, call] {
    const admin::v1::DeleteSnapshotRequest& request = call->request();
    std::optional<Revision> revision;
    if (request.has_revision()) revision = Revision(request.revision());
    const absl::StatusOr<uint64_t> deleted = control_.store.Delete(request.stream(), revision);
    if (deleted.ok()) call->response().set_deleted(*deleted);
    call->Finish(deleted.status());
  });
}

}  // namespace nexus::rpc
