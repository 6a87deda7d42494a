#pragma once

// Whether somebody may be a worker for what it says that it decides.

#include "absl/status/status.h"
#include "command/remote/worker_roster.h"
#include "domain/domain_state.h"
#include "engine/draft.h"
#include "nexus/port/audit_ledger.h"

namespace nexus::command {

// MALFORMED_REQUEST, NOT_FOUND, ACCESS_DENIED (written down in `ledger`, which may be null).
absl::Status CheckWorker(const WorkerProfile& profile, const engine::Caller& caller,
                         const domain::DomainState& domains, AuditLedger* ledger);

}  // namespace nexus::command
