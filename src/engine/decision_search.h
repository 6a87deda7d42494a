#pragma once

// Finds what a decision was, by its id: an event that it admitted, or a refusal.
//
// Ids of decisions are UUIDs of version 7, so they tell when to look. Reads from disk: on a worker.
// Not thread-safe.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "index/filtered_reader.h"
#include "nexus/core/event.h"
#include "nexus/core/ids.h"
#include "nexus/port/audit_ledger.h"
#include "nexus/port/event_reader.h"

namespace nexus::engine {

struct FoundDecision {
  bool admitted = false;
  // Of the commit that was admitted, the first ones; or the one that tells of the refusal.
  EventBatch events;
  // Of a refusal that is not in the log yet, in place of its event.
  std::string pending = {};
};

struct DecisionSearchOptions {
  // How far recorded times may lie behind the decision, and the search go.
  int64_t before_us = 1'000'000;
  int64_t after_us = 60'000'000;
  size_t events_max = 100;  // of the commit
};

// NOT_FOUND; MALFORMED_ID. `ledger` may be null.
absl::StatusOr<FoundDecision> FindDecision(EventReader& reader, index::FilteredReader& filtered,
                                           AuditLedger* ledger, absl::string_view decision_id,
                                           const DecisionSearchOptions& options = {});

}  // namespace nexus::engine
