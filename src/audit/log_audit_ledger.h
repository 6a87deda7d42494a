#pragma once

// The ledger whose books are streams of the log itself: $denials and $audit
// (docs/reference/audit-events.md). As LedgerStream.

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "audit/ledger_stream.h"
#include "nexus/port/audit_ledger.h"

namespace nexus::audit {

class LogAuditLedger : public AuditLedger {
 public:
  // What is the same within `window` becomes one event.
  LogAuditLedger(const LedgerStreamParts& parts, absl::Duration window);

  std::string Deny(const DenialKey& key, absl::FunctionRef<Denial()> describe) override;
  // What went well has an event of its own; failures of one kind are counted.
  void Record(AuditRecord record) override;
  // Two commits at a time are on their way. Proposals that come back go on with the rest.
  bool Flush() override;
  std::optional<std::string> PendingDenial(absl::string_view decision_id) override;

 private:
  LedgerStream denials_;
  LedgerStream audit_;
};

}  // namespace nexus::audit
