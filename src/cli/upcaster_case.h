#pragma once

// One case of an upcaster: an event, and what it becomes.

#include "cli/case_verdict.h"
#include "cli/local_domain.h"
#include "cli/script_case.h"

namespace nexus::cli {

// The event must be valid under the version that the upcaster takes, and what comes out under the
// one that it gives, where the folder has them.
CaseVerdict RunUpcasterCase(LocalDomain& local, const domain::UpcasterRecord& record,
                            const ScriptCase& one, const script::CallLimits& limits);

// What the schema says of `data`; OK where the folder has no such version.
absl::Status CheckCaseData(const LocalDomain& local, const std::string& type, uint32_t version,
                           const std::string& data);

}  // namespace nexus::cli
