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
  for (auto at = planned.rbegin(); at != planned.rend(); ++at) {
    const SchemaRecord& record = *at->record;
    if (record.subject == subject && (version == 0 || version == record.version)) {
      return at->record;
    }
  }
  return nullptr;
}

bool IsDeclaredAlready(const std::vector<PlannedSchema>& planned, absl::string_view subject) {
  return std::any_of(planned.begin(), planned.end(), [&](const PlannedSchema& schema) {
    return schema.record->subject == subject && !schema.is_earlier;
  });
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

// What is registered as it; null: nothing yet.
absl::StatusOr<SchemaRecordPtr> SchemaRegistry::FindSame(const PackageSchema& schema,
                                                         const std::string& digest) const {
  const std::string& subject = schema.request.subject;
  if (schema.version == 0) return catalog_.FindContent(subject, digest);
  SchemaRecordPtr registered = catalog_.FindStored(subject, schema.version);
  if (registered == nullptr || registered->digest == digest) return registered;
  return MakeError(ErrorReason::kMalformedRequest,
                   absl::StrCat("version ", schema.version, " of ", subject,
                                " is registered with another definition"));
}

absl::StatusOr<PlannedSchema> SchemaRegistry::PlanTogether(
    PackageSchema& schema, const std::vector<PlannedSchema>& before) const {
  RegisterRequest& request = schema.request;
  NEXUS_RETURN_IF_ERROR(CheckRequest(request, options_.limits, limits_.schema_bytes_max));
  if (IsDeclaredAlready(before, request.subject)) {
    return MakeError(ErrorReason::kMalformedRequest,
                     absl::StrCat("the subject ", request.subject, " is declared twice"));
  }
  const auto find = [&](absl::string_view subject, uint32_t version) {
    SchemaRecordPtr found = FindPlanned(before, subject, version);
    return found != nullptr ? found : FindReferenced(subject, version);
  };
  NEXUS_ASSIGN_OR_RETURN(Candidate candidate,
                         Compile(request, parts_.languages, parts_.json, options_.limits, find));
  NEXUS_ASSIGN_OR_RETURN(SchemaRecordPtr same, FindSame(schema, candidate.digest));
  if (same != nullptr) return PlannedSchema{std::move(same), false, schema.version != 0};
  NEXUS_RETURN_IF_ERROR(CheckWritable(request.subject));
  const CompatibilityRules rules = catalog_.GetCompatibility(request.subject).rules;
  std::vector<SchemaRecordPtr> versions = catalog_.Versions(request.subject);
  uint32_t version = catalog_.HighestVersion(request.subject) + 1;
  for (const PlannedSchema& other : before) {
    if (!other.is_new || other.record->subject != request.subject) continue;
    versions.push_back(other.record);
    version = other.record->version + 1;
  }
  if (schema.version != 0 && schema.version != version) {
    return MakeError(ErrorReason::kMalformedRequest,
                     absl::StrCat("version ", schema.version, " of ", request.subject,
                                  " cannot be registered: the next one is ", version));
  }
  NEXUS_ASSIGN_OR_RETURN(const CompatibilityVerdict verdict,
                         Judge(request, *candidate.compiled, rules, versions));
  if (!verdict.compatible()) return Incompatible(request.subject, rules, verdict);
  // The same content has one id, and new ones follow each other.
  uint32_t id = catalog_.IdOf(candidate.digest);
  uint32_t next = catalog_.NextId();
  for (const PlannedSchema& other : before) {
    if (other.is_new && other.record->digest == candidate.digest) id = other.record->id;
    if (other.is_new) next = std::max(next, other.record->id + 1);
  }
  SchemaRecord record{request.subject,     version,
                      id != 0 ? id : next, request.format,
                      request.definition,  request.references,
                      request.metadata,    request.rule_set,
                      candidate.digest,    request.stamp.principal,
                      Timestamp(),         request.comment,
                      SchemaState::kLive,  candidate.compiled};
  return PlannedSchema{std::make_shared<const SchemaRecord>(std::move(record)), true,
                       schema.version != 0};
}

}  // namespace nexus::schema
