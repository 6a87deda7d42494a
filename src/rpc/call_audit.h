#pragma once

// What of calls is written down by the ledger: who was not believed, what administrators did, and
// reads of much.

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "engine/draft.h"
#include "google/protobuf/message.h"
#include "nexus/port/audit_ledger.h"
#include "rpc/transport/server_call.h"

namespace nexus::rpc {

// All of these: `ledger` may be null.

// Credentials that were refused; `why` has the cause.
void RecordAuthenticationFailure(AuditLedger* ledger, const ServerCall& call,
                                 const absl::Status& why);

// A caller that may not use the method at all. Gives the error with the id of the decision.
absl::Status RecordMethodDenial(AuditLedger* ledger, absl::string_view method,
                                const engine::Caller& caller, const absl::Status& why);

// A call that has ended, if its method is one of an administrator. Changes of schemas are not among
// them: the engine tells of those, since they come by HTTP too.
void RecordAdminAction(AuditLedger* ledger, absl::string_view method, const engine::Caller& caller,
                       absl::FunctionRef<std::string()> subject, const absl::Status& outcome);

// What a request is about: the first of its fields that names something.
std::string SubjectOf(const google::protobuf::Message& request);

// Counts what a call reads, and tells of it once it is much: when it becomes so, and at the end.
// Not thread-safe.
class BulkReadWatch {
 public:
  // `events_min` 0: never.
  BulkReadWatch(AuditLedger* ledger, uint64_t events_min) : ledger_(ledger), min_(events_min) {}

  void Begin(absl::string_view action, std::string subject, const engine::Caller& caller);
  void Count(uint64_t events);
  // Once.
  void End();

 private:
  void Tell(absl::string_view phase) const;

  AuditLedger* const ledger_;
  const uint64_t min_;
  AuditRecord record_;
  uint64_t events_ = 0;
};

}  // namespace nexus::rpc
