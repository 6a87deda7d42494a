#include "domain/upcast/upcaster_ways.h"

#include <array>
#include <tuple>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/schema_format.h"
#include "nexus/core/status_macros.h"

namespace nexus::domain {
namespace {

absl::Status WayFault(ErrorReason reason, std::string pointer, std::string message) {
  ErrorDetails details;
  details.reason = reason;
  const std::string text = absl::StrCat(pointer, ": ", message);
  details.violations.emplace_back();
  details.violations.back().pointer = std::move(pointer);
  details.violations.back().message = std::move(message);
  return MakeError(text, details);
}

absl::Status CheckVersions(const UpcasterDeclaration& upcaster, const schema::WayMap& schemas) {
  const std::array<std::tuple<const char*, const std::string*, uint32_t>, 2> ends = {
      {{"/spec/from", &upcaster.type, upcaster.from},
       {upcaster.to_type == upcaster.type ? "/spec/to" : "/spec/to_type", &upcaster.to_type,
        upcaster.to}}};
  for (const auto& [pointer, type, version] : ends) {
    const schema::SchemaRecordPtr record = schemas.FindStored(*type, version);
    if (record == nullptr) {
      return WayFault(
          ErrorReason::kSchemaNotRegistered, pointer,
          absl::StrCat("no version ", version, " of ", *type, " is declared here or registered"));
    }
    if (record->format != SchemaFormat::kJsonSchema) {
      return WayFault(
          ErrorReason::kUnimplemented, pointer,
          absl::StrCat("version ", version, " of ", *type, " is ", SchemaFormatName(record->format),
                       "; upcasters take and give JSON"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSuccessor(const UpcasterRecord& record, const DomainState& state,
                            const schema::WayMap& schemas) {
  const UpcasterDeclaration& upcaster = record.declaration;
  const UpcasterRecord* const first = FindSuccessor(state, upcaster.type);
  for (const UpcasterRecord& other : state.upcasters()) {
    const UpcasterDeclaration& second = other.declaration;
    if (second.type != upcaster.type || second.to_type == second.type) continue;
    if (second.name == upcaster.name && other.domain == record.domain) continue;
    return WayFault(
        ErrorReason::kMalformedRequest, "/spec/to_type",
        absl::StrCat(upcaster.type, " has the successor ", second.to_type,
                     " already, by the upcaster ", second.name, " of the domain ", other.domain));
  }
  const schema::SchemaRecordPtr latest = schemas.FindLatest(upcaster.type);
  if (latest != nullptr && latest->version > upcaster.from) {
    return WayFault(
        ErrorReason::kMalformedRequest, "/spec/from",
        absl::StrCat(upcaster.type, " has version ", latest->version, ": the way to its successor ",
                     upcaster.to_type, " leaves out what comes after version ", upcaster.from));
  }
  absl::flat_hash_set<std::string> seen;
  for (const UpcasterRecord* at = first; at != nullptr;
       at = FindSuccessor(state, at->declaration.to_type)) {
    if (seen.insert(at->declaration.type).second) continue;
    return WayFault(ErrorReason::kMalformedRequest, "/spec/to_type",
                    absl::StrCat("the successors of ", upcaster.type, " go in a circle"));
  }
  return absl::OkStatus();
}

}  // namespace

const UpcasterRecord* FindSuccessor(const DomainState& state, absl::string_view type) {
  for (const UpcasterRecord& record : state.upcasters()) {
    const UpcasterDeclaration& upcaster = record.declaration;
    if (upcaster.type == type && upcaster.to_type != type) return &record;
  }
  return nullptr;
}

absl::Status CheckUpcasterWay(const UpcasterRecord& record, const DomainState& state,
                              const schema::WayMap& schemas) {
  NEXUS_RETURN_IF_ERROR(CheckVersions(record.declaration, schemas));
  if (record.declaration.to_type == record.declaration.type) return absl::OkStatus();
  for (const auto& aggregate : state.aggregates()) {
    if (aggregate->domain == record.domain) continue;  // said of the aggregate itself
    for (const std::string& type : aggregate->declaration.events) {
      if (type != record.declaration.type) continue;
      return WayFault(ErrorReason::kMalformedRequest, "/spec/to_type",
                      absl::StrCat("the aggregate ", aggregate->declaration.name, " of the domain ",
                                   aggregate->domain, " decides upon ", type));
    }
  }
  return CheckSuccessor(record, state, schemas);
}

absl::Status CheckDecidedTypes(const AggregateRecord& record, const DomainState& state) {
  const auto& events = record.declaration.events;
  for (size_t i = 0; i < events.size(); ++i) {
    const UpcasterRecord* const successor = FindSuccessor(state, events[i]);
    if (successor == nullptr) continue;
    return WayFault(
        ErrorReason::kMalformedRequest, absl::StrCat("/spec/events/", i),
        absl::StrCat(events[i], " has the successor ", successor->declaration.to_type,
                     ", by the upcaster ", successor->declaration.name, " of the domain ",
                     successor->domain, ": the aggregate has to decide upon that"));
  }
  return absl::OkStatus();
}

}  // namespace nexus::domain
