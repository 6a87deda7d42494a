#pragma once

// One case of an aggregate: the events that there are, a command, and what follows from it.

#include <memory>

#include "cli/case_verdict.h"
#include "cli/local_domain.h"
#include "cli/script_case.h"

namespace nexus::cli {

// The command and the events must be valid under the folder's schemas, where it has them; events
// of earlier versions come as the server would give them.
CaseVerdict RunAggregateCase(LocalDomain& local,
                             std::shared_ptr<const domain::AggregateRecord> record,
                             const ScriptCase& one, const script::CallLimits& limits);

}  // namespace nexus::cli
