// Whether what a package declares can be: its code, its types, its upcasters, its policies.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "declaration/fault_list.h"
#include "domain/apply/domain_application.h"
#include "domain/upcast/upcaster_ways.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::domain {
namespace {

std::vector<schema::SchemaRecordPtr> RecordsOf(const std::vector<schema::PlannedSchema>& planned) {
  std::vector<schema::SchemaRecordPtr> records;
  for (const schema::PlannedSchema& one : planned) records.push_back(one.record);
  return records;
}

absl::Status TrialFault(const UpcasterRecord& record, const TrialOutcome& outcome) {
  const UpcasterDeclaration& upcaster = record.declaration;
  ErrorDetails details;
  details.reason = ErrorReason::kDomainCodeFailed;
  details.metadata.emplace_back("upcaster", upcaster.name);
  details.metadata.emplace_back("events_tried", absl::StrCat(outcome.events));
  details.metadata.emplace_back("events_failed", absl::StrCat(outcome.failed));
  for (const TrialFailure& failure : outcome.failures) {
    details.violations.emplace_back();
    details.violations.back().message =
        absl::StrCat("position ", failure.position.value, " (revision ", failure.revision.value,
                     " of ", failure.stream, ", version ", failure.version, "): ", failure.reason);
  }
  return MakeError(
      absl::StrCat("the upcaster ", upcaster.name, " does not take what is stored: ",
                   outcome.failed, " of ", outcome.events, " events of the type ", upcaster.type,
                   " do not come out valid, the first at ", details.violations.front().message),
      details);
}

}  // namespace

absl::Status DomainApplier::CheckState(Application& a, const DomainState& next) const {
  declaration::FaultList faults;
  const std::string& name = a.event->package.name;
  const auto add = [&](Kind kind, const std::string& declared_name, const absl::Status& fault) {
    if (fault.ok()) return;
    const Declared* const declared = FindIn(a.parts, kind, declared_name);
    faults.Add(declared == nullptr ? name : declared->path, fault);
  };
  for (const auto& record : next.aggregates()) {
    if (record->domain != name) continue;
    absl::Status fault = CheckAggregate(a, *record);
    if (fault.ok()) fault = CheckDecidedTypes(*record, next);
    add(Kind::kAggregate, record->declaration.name, fault);
  }
  for (const UpcasterRecord& record : next.upcasters()) {
    if (record.domain != name) continue;
    add(Kind::kUpcaster, record.declaration.name, CheckUpcaster(a, record, next));
  }
  for (const PolicyRecord& record : next.policies()) {
    if (record.domain != name) continue;
    add(Kind::kPolicy, record.declaration.name, CheckPolicy(a, record));
  }
  return faults.ToStatus();
}

// Compiles it, so not again for each attempt at the commit.
absl::Status DomainApplier::CheckPolicy(Application& a, const PolicyRecord& record) const {
  const std::string& name = record.declaration.name;
  if (a.checked_policies.contains(name)) return absl::OkStatus();
  NEXUS_RETURN_IF_ERROR(parts_.check_policy(record));
  a.checked_policies.insert(name);
  return absl::OkStatus();
}

absl::Status DomainApplier::CheckAggregate(const Application& a,
                                           const AggregateRecord& record) const {
  const auto has_schema = [&](const std::string& type) {
    for (const schema::PlannedSchema& planned : *a.planned) {
      if (planned.record->subject == type) return true;
    }
    return parts_.engine.schemas().Find(type, 0) != nullptr;
  };
  for (const auto* types : {&record.declaration.commands, &record.declaration.events}) {
    for (const std::string& type : *types) {
      if (has_schema(type)) continue;
      return MakeError(ErrorReason::kSchemaNotRegistered,
                       absl::StrCat("no schema is declared or registered for ", type));
    }
  }
  return record.declaration.is_remote() ? absl::OkStatus() : parts_.check_aggregate(record);
}

absl::Status DomainApplier::CheckUpcaster(Application& a, const UpcasterRecord& record,
                                          const DomainState& next) const {
  const std::vector<schema::SchemaRecordPtr> planned = RecordsOf(*a.planned);
  const schema::WayMap map{parts_.engine.schemas().catalog(), planned};
  NEXUS_RETURN_IF_ERROR(CheckUpcasterWay(record, next, map));
  NEXUS_RETURN_IF_ERROR(parts_.check_upcaster(record));
  return TryStored(a, record, next);
}

// Reads the log, so not again for each attempt at the commit.
absl::Status DomainApplier::TryStored(Application& a, const UpcasterRecord& record,
                                      const DomainState& next) const {
  const std::string& name = record.declaration.name;
  if (a.tried.contains(name)) return absl::OkStatus();
  TrialOptions options;
  options.sample = a.options.sample;
  options.up_to = parts_.engine.Head();
  const auto cancelled = [&] { return parts_.engine.clock().Monotonic() > a.caller.deadline; };
  NEXUS_ASSIGN_OR_RETURN(
      const TrialOutcome outcome,
      parts_.try_upcaster(record, next, RecordsOf(*a.planned), options, cancelled));
  if (outcome.failed > 0) return TrialFault(record, outcome);
  a.tried[name] = outcome.events;
  return absl::OkStatus();
}

}  // namespace nexus::domain
