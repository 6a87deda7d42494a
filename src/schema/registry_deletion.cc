// How versions are hidden.

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/schema_events.h"
#include "schema/schema_registry.h"

namespace nexus::schema {
namespace {

// What of `versions` a request is about: live ones to delete, deleted ones to erase.
absl::StatusOr<std::vector<uint32_t>> Chosen(const DeleteRequest& request,
                                             const std::vector<SchemaRecordPtr>& versions) {
  std::vector<uint32_t> chosen;
  bool is_live = false;
  for (const SchemaRecordPtr& record : versions) {
    if (request.version != 0 && record->version != request.version) continue;
    const bool live = record->state == SchemaState::kLive;
    is_live |= live;
    if (live != request.permanent) chosen.push_back(record->version);
  }
  if (request.permanent && is_live) {
    return MakeError(ErrorReason::kSchemaNotDeleted,
                     "what is deleted permanently must have been deleted before");
  }
  if (chosen.empty()) return NoSuchVersion(request.subject, request.version);
  return chosen;
}

}  // namespace

SchemaRegistry::Plan SchemaRegistry::PlanDeletion(const DeleteRequest& request,
                                                  std::vector<uint32_t>& versions) const {
  NEXUS_RETURN_IF_ERROR(CheckWritable(request.subject));
  NEXUS_ASSIGN_OR_RETURN(versions, Chosen(request, catalog_.VersionsAndDeleted(request.subject)));
  for (const uint32_t version : versions) {
    const std::vector<SchemaRecordPtr> users = catalog_.ReferencedBy(request.subject, version);
    if (users.empty()) continue;
    return MakeError(
        ErrorReason::kSchemaInUse,
        absl::StrCat("version ", version, " of ", request.subject, " is referred to by ",
                     users[0]->subject, " version ", users[0]->version, "; delete that first"));
  }
  return GovernanceStream::NewEvent{
      kSchemaDeletedType,
      EncodeSchemaDeleted({request.subject, versions, request.permanent, request.comment})};
}

void SchemaRegistry::Delete(DeleteRequest request, Done<std::vector<uint32_t>> done) {
  absl::Status status = CheckName("subject", request.subject, options_.limits.subject_bytes_max);
  if (status.ok()) status = CheckComment(request.comment, options_.limits);
  if (!status.ok()) return done(std::move(status));
  // Shared by the steps, which run one after another.
  auto versions = std::make_shared<std::vector<uint32_t>>();
  GovernanceStream::Change change;
  change.stamp = request.stamp;
  change.plan = [this, request, versions] { return PlanDeletion(request, *versions); };
  change.apply = [this, request, versions](Timestamp) {
    catalog_.SetState(request.subject, *versions,
                      request.permanent ? SchemaState::kErased : SchemaState::kDeleted);
  };
  change.done = [versions, done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    done(*versions);
  };
  stream_.Submit(std::move(change));
}

}  // namespace nexus::schema
