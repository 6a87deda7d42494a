// Several schemas in one change, with others: what a domain declares.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "declaration/fault_list.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/schema_events.h"
#include "schema/schema_registry.h"

namespace nexus::schema {
namespace {

using NewEvents = std::vector<governance::GovernanceStream::NewEvent>;

SchemaRecordPtr FindPlanned(const std::vector<PlannedSchema>& planned, absl::string_view subject,
                            uint32_t version) {
  for (const PlannedSchema& schema : planned) {
    const SchemaRecord& record = *schema.record;
    if (record.subject == subject && (version == 0 || version == record.version)) {
      return schema.record;
    }
  }
  return nullptr;
}

std::string EventOf(const SchemaRecord& record) {
  return EncodeSchemaRegistered({record.subject, record.version, record.id, record.format,
                                 record.definition, record.references, record.metadata,
                                 record.rule_set, record.digest, record.comment});
}

}  // namespace

governance::JointPart SchemaRegistry::RegisterTogether(
    std::vector<PackageSchema> schemas, std::shared_ptr<std::vector<PlannedSchema>> planned) {
  auto wanted = std::make_shared<std::vector<PackageSchema>>(std::move(schemas));
  const auto plan = [this, wanted, planned]() -> absl::StatusOr<NewEvents> {
    planned->clear();
    declaration::FaultList faults;
    NewEvents events;
    for (PackageSchema& schema : *wanted) {
      absl::StatusOr<PlannedSchema> next = PlanTogether(schema, *planned);
      if (!next.ok()) {
        faults.Add(schema.path, next.status());
        continue;
      }
      if (next->is_new) events.push_back({kSchemaRegisteredType, EventOf(*next->record)});
      planned->push_back(*std::move(next));
    }
    NEXUS_RETURN_IF_ERROR(faults.ToStatus());
    return events;
  };
  const auto apply = [this, planned](Revision, Position, Timestamp recorded) {
    for (PlannedSchema& schema : *planned) {
      if (!schema.is_new) continue;
      auto record = std::make_shared<SchemaRecord>(*schema.record);
      record->registered = recorded;
      schema.record = record;
      catalog_.Add(std::move(record));
    }
  };
  return {&stream_, plan, apply};
}

absl::StatusOr<PlannedSchema> SchemaRegistry::PlanTogether(
    PackageSchema& schema, const std::vector<PlannedSchema>& before) const {
  RegisterRequest& request = schema.request;
  NEXUS_RETURN_IF_ERROR(CheckRequest(request, options_.limits, limits_.schema_bytes_max));
  if (FindPlanned(before, request.subject, 0) != nullptr) {
    return MakeError(ErrorReason::kMalformedRequest,
                     absl::StrCat("the subject ", request.subject, " is declared twice"));
  }
  const auto find = [&](absl::string_view subject, uint32_t version) {
    SchemaRecordPtr found = FindPlanned(before, subject, version);
    return found != nullptr ? found : FindReferenced(subject, version);
  };
  NEXUS_ASSIGN_OR_RETURN(Candidate candidate,
                         Compile(request, parts_.languages, parts_.json, options_.limits, find));
  if (SchemaRecordPtr same = catalog_.FindContent(request.subject, candidate.digest)) {
    return PlannedSchema{std::move(same), false};
  }
  NEXUS_RETURN_IF_ERROR(CheckWritable(request.subject));
  const CompatibilityRules rules = catalog_.GetCompatibility(request.subject).rules;
  NEXUS_ASSIGN_OR_RETURN(
      const CompatibilityVerdict verdict,
      Judge(request, *candidate.compiled, rules, catalog_.Versions(request.subject)));
  if (!verdict.compatible()) return Incompatible(request.subject, rules, verdict);
  // The same content has one id, and new ones follow each other.
  uint32_t id = catalog_.IdOf(candidate.digest);
  uint32_t next = catalog_.NextId();
  for (const PlannedSchema& other : before) {
    if (other.is_new && other.record->digest == candidate.digest) id = other.record->id;
    if (other.is_new) next = std::max(next, other.record->id + 1);
  }
  SchemaRecord record{request.subject,     catalog_.HighestVersion(request.subject) + 1,
                      id != 0 ? id : next, request.format,
                      request.definition,  request.references,
                      request.metadata,    request.rule_set,
                      candidate.digest,    request.stamp.principal,
                      Timestamp(),         request.comment,
                      SchemaState::kLive,  candidate.compiled};
  return PlannedSchema{std::make_shared<const SchemaRecord>(std::move(record)), true};
}

}  // namespace nexus::schema
