#pragma once

// Whether the code of an aggregate can be loaded, before it is applied.

#include "absl/status/status.h"
#include "domain/domain_state.h"
#include "script/script_engine.h"

namespace nexus::command {

// In a context of its own, on the calling thread; takes milliseconds. DOMAIN_CODE_FAILED.
absl::Status CheckAggregateCode(script::ScriptEngine& engine, const domain::AggregateRecord& record,
                                const script::CallLimits& limits);

}  // namespace nexus::command
