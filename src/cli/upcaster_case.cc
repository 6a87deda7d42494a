#include "cli/upcaster_case.h"

#include <memory>

#include "absl/strings/match.h"
#include "domain/upcast/upcaster_code.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

constexpr script::ContextLimits kCaseRoom{.heap_bytes_max = 256 << 20};

absl::StatusOr<std::string> Upcast(LocalDomain& local, const domain::UpcasterRecord& record,
                                   const CaseEvent& given, const script::CallLimits& limits) {
  const domain::UpcasterDeclaration& upcaster = record.declaration;
  NEXUS_RETURN_IF_ERROR(CheckCaseData(local, upcaster.type, upcaster.from, given.data));
  NEXUS_ASSIGN_OR_RETURN(const auto context, local.scripts().NewContext(kCaseRoom));
  NEXUS_ASSIGN_OR_RETURN(const auto code, domain::UpcasterCode::Load(*context, record, limits));
  RecordedEvent event;
  event.type = upcaster.type;
  event.data = given.data;
  event.position = Position(1);
  event.recorded = given.recorded.value_or(Timestamp{0});
  for (const auto& [key, value] : given.metadata) event.metadata.emplace_back(key, value);
  NEXUS_ASSIGN_OR_RETURN(std::string data,
                         code->Run(upcaster, domain::UpcastView(event, upcaster.from)));
  NEXUS_RETURN_IF_ERROR(CheckCaseData(local, upcaster.to_type, upcaster.to, data));
  return local.json().Canonical(data);
}

}  // namespace

absl::Status CheckCaseData(const LocalDomain& local, const std::string& type, uint32_t version,
                           const std::string& data) {
  const schema::SchemaRecordPtr schema = local.catalog().FindStored(type, version);
  if (schema == nullptr || schema->format != SchemaFormat::kJsonSchema) return absl::OkStatus();
  NEXUS_ASSIGN_OR_RETURN(const std::vector<Violation> violations,
                         schema->compiled->Validate(data, 1));
  if (violations.empty()) return absl::OkStatus();
  return MakeError(
      ErrorReason::kSchemaViolation,
      absl::StrCat("SCHEMA_VIOLATION: the data of ", type, " do not fit version ", schema->version,
                   ": at \"", violations[0].pointer, "\": ", violations[0].message));
}

CaseVerdict RunUpcasterCase(LocalDomain& local, const domain::UpcasterRecord& record,
                            const ScriptCase& one, const script::CallLimits& limits) {
  const domain::UpcasterDeclaration& upcaster = record.declaration;
  const CaseEvent& given = one.given.front();
  if ((!given.type.empty() && given.type != upcaster.type) ||
      (given.version != 0 && given.version != upcaster.from)) {
    return {.failure = absl::StrCat("it takes version ", upcaster.from, " of ", upcaster.type),
            .pointer = given.pointer};
  }
  const absl::StatusOr<std::string> data = Upcast(local, record, given, limits);
  const std::string then = one.pointer + "/then";
  if (!one.then.error.empty()) {
    const std::string text =
        data.ok() ? "an event: " + *data : std::string(data.status().message());
    if (!data.ok() && absl::StrContains(text, one.then.error)) return {};
    return Differs("the error", one.then.error, text, then + "/error");
  }
  if (!data.ok()) return {.failure = std::string(data.status().message()), .pointer = then};
  const CaseEvent& expected = one.then.events->front();
  if (!expected.type.empty() && expected.type != upcaster.to_type) {
    return Differs("the type", expected.type, upcaster.to_type, expected.pointer + "/type");
  }
  if (*data == expected.data) return {};
  return Differs("the data", expected.data, *data, expected.pointer + "/data");
}

}  // namespace nexus::cli
