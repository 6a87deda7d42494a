#pragma once

// Refusals, changes and callers, in the words of the ledger.

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "engine/draft.h"
#include "nexus/core/errors.h"
#include "nexus/port/audit_ledger.h"

namespace nexus::engine {

// Whether a rule refused, of access, policy or schema; not the log, the clock or the form of the
// request.
bool IsDenial(ErrorReason reason);

ClientFacts ClientOf(const Caller& caller);

// What an administrator did, and what became of it.
AuditRecord AdminAction(const Caller& caller, absl::string_view action, absl::string_view subject,
                        const absl::Status& outcome);

// Writes down what a rule refuses, unless that has been done, and gives the error with the id of
// the decision. Any other status comes back as it is. `ledger` may be null.
absl::Status WriteDenial(AuditLedger* ledger, const Caller& caller, absl::string_view operation,
                         absl::string_view subject, absl::Status why);

}  // namespace nexus::engine
