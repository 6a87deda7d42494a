#pragma once

// Reconciliation: reads back what the broker of a route holds, and compares it with the log and the
// ledger. A walk in steps, each short: the ledger, then the log, then the broker.
//
// Not thread-safe; steps may run on different threads. Reads from disk and from the broker.

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "nexus/core/clock.h"
#include "nexus/port/broker_reader.h"
#include "nexus/port/checkpoint_store.h"
#include "nexus/port/egress_ledger.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/json_reader.h"
#include "route/book/route_state.h"
#include "route/declaration/classification.h"
#include "route/reconcile/comparer.h"
#include "route/reconcile/due_book.h"
#include "route/reconcile/reconcile_report.h"

namespace nexus::route {

inline constexpr uint64_t kReconcilePositionsMax = 1'000'000;

// All must outlive it.
struct ReconcileParts {
  EventReader& reader;
  JsonReader& json;
  EgressLedger& ledger;
  CheckpointStore& checkpoints;
  ClassificationHistory& classifications;
  const Clock& clock;
};

struct ReconcileRange {
  Position from = {};  // 0: as many as may be, up to `to`
  Position to = {};    // 0: the head of the log
  absl::Duration limit = absl::Minutes(5);
};

class Reconciliation {
 public:
  Reconciliation(const ReconcileParts& parts, RouteRecord route, ReconcileRange range,
                 std::unique_ptr<BrokerReader> broker);

  // The next step. POSITION_BEYOND_HEAD and LIMIT_EXCEEDED for a range that cannot be,
  // DEADLINE_EXCEEDED once `limit` has passed, kUnavailable from the broker, DATA_LOSS.
  absl::Status Advance();
  bool done() const { return phase_ == Phase::kDone; }

  // The whole, when done() says so; else how far it has come.
  const ReconcileReport& report() const { return done() ? report_ : comparer_->so_far(); }
  Position from() const { return range_.from; }
  Position to() const { return range_.to; }
  Position checkpoint() const { return checkpoint_; }
  // The last position of the log that was read.
  Position reached() const { return reached_; }
  absl::string_view place() const { return broker_->Place(); }

 private:
  enum class Phase { kBegin, kLog, kBroker, kDone };

  absl::Status Begin();
  absl::Status FixRange();
  absl::Status ReadLedger();
  absl::Status ReadLog();
  absl::Status ReadBroker();
  std::vector<BrokerPart> PartsToRead() const;

  const ReconcileParts parts_;
  const RouteRecord route_;
  const std::unique_ptr<BrokerReader> broker_;
  const absl::Duration deadline_;  // of the clock that only goes forward
  ReconcileRange range_;
  Phase phase_ = Phase::kBegin;
  Position checkpoint_;
  Position reached_;
  std::vector<BrokerPart> held_;  // what the broker has in all
  std::optional<DueBook> due_;
  std::optional<Comparer> comparer_;
  ReconcileReport report_;
};

}  // namespace nexus::route
