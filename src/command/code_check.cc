#include "command/code_check.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "command/aggregate_code.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::command {
namespace {

// More than a call may take.
constexpr script::ContextLimits kRoom{.heap_bytes_max = 256 << 20};

}  // namespace

absl::Status CheckAggregateCode(script::ScriptEngine& engine, const domain::AggregateRecord& record,
                                const script::CallLimits& limits) {
  NEXUS_ASSIGN_OR_RETURN(const auto context, engine.NewContext(kRoom));
  NEXUS_ASSIGN_OR_RETURN(
      const auto code,
      AggregateCode::Load(*context, std::make_shared<const domain::AggregateRecord>(record),
                          limits));
  return code->Begin().status();
}

absl::Status CheckUpcasterCode(script::ScriptEngine& engine, const domain::UpcasterRecord& record,
                               const script::CallLimits& limits) {
  NEXUS_ASSIGN_OR_RETURN(const auto context, engine.NewContext(kRoom));
  const auto module = context->Load(ModulesOf(*record.package), record.declaration.script, limits);
  absl::Status fault = module.status();
  if (fault.ok()) fault = (*module)->Find("upcast").status();
  if (fault.ok()) return fault;
  return MakeError(
      ErrorReason::kDomainCodeFailed,
      absl::StrCat("the code of the upcaster ", record.declaration.name, " (", record.domain, "/",
                   record.declaration.script, ") fails: ", fault.message()));
}

}  // namespace nexus::command
