#include "command/code_check.h"

#include <memory>

#include "command/aggregate_code.h"
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

}  // namespace nexus::command
