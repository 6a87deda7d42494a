#pragma once

// What a delivery stands on, what it is to do, and how it stands.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "follow/head_signal.h"
#include "nexus/core/clock.h"
#include "nexus/core/event.h"
#include "nexus/core/id_source.h"
#include "nexus/port/checkpoint_store.h"
#include "nexus/port/egress_ledger.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "nexus/port/metrics.h"
#include "route/breaker.h"
#include "route/checkpoint_saver.h"
#include "route/dead_letters.h"
#include "route/declaration/classification.h"
#include "route/declaration/route_declaration.h"
#include "route/lane_book.h"
#include "route/pace/append_pace.h"

namespace nexus::route {

// What the router stands on. All must outlive it and the executor's last task.
struct RouteContext {
  EventReader& reader;
  follow::HeadSignal& signal;
  Executor& executor;
  const Clock& clock;
  IdSource& ids;
  CheckpointStore& checkpoints;
  MetricsRegistry& metrics;
  ClassificationHistory& classifications;
  // Null: no event is given up; its lane stays blocked and is tried again for ever.
  DeadLetters* dead_letters = nullptr;
  // Keeps where each event lies with its broker; null: nobody does.
  EgressLedger* ledger = nullptr;
  // Whether an event was governed, as its stamp says; null: nobody looks. Must not block.
  std::function<absl::Status(const RecordedEvent&)> check_stamp = nullptr;
  // Told how live routes lag; null: appends wait for none.
  AppendPace* pace = nullptr;
};

struct DeliveryOptions {
  size_t pending_events_max = 4'096;    // read and not done with
  size_t pending_bytes_max = 16 << 20;  // of the pages that hold them, plus one page
  PageLimits page = {.events_max = 512, .bytes_max = 256 << 10};
  LaneBook::Options lanes = {};
  Breaker::Options breaker = {};
  absl::Duration retry_base = absl::Milliseconds(100);  // for an event that was refused
  absl::Duration retry_max = absl::Seconds(1);
  CheckpointSaver::Options checkpoint = {};
};

struct DeliveryPlan {
  std::string route;  // its name, for metrics
  // Names its checkpoint and its letters: the route, or something of it that is delivered again.
  std::string run;
  RouteMatch match;
  KeySource key;
  ErrorRules on_error;
  StartAt start;                  // where there is no checkpoint
  std::optional<Position> until;  // the last that is looked at; nothing: it goes on for ever
  // Checkpoints and letters bore the name of the sink before routes had names: take them over.
  bool inherits = false;
  DeliveryOptions options;
};

struct SinkStatus {
  std::string sink;
  std::string route;
  Position checkpoint;
  Position head;
  uint64_t lag_events = 0;
  absl::Duration lag;  // age of the oldest event that is not done with
  // Since the start.
  uint64_t matched = 0;
  uint64_t delivered = 0;
  uint64_t failed = 0;   // reports other than OK
  uint64_t retried = 0;  // handed over again
  uint64_t dead_lettered = 0;
  size_t pending = 0;    // read and not done with
  size_t in_flight = 0;  // with the sink
  size_t blocked_lanes = 0;
  size_t parked_lanes = 0;
  Breaker::State breaker = Breaker::State::kClosed;
  absl::Status health;      // the sink's own word
  absl::Status last_error;  // the last failed report, read or save; OK once delivery goes on
};

// From what is declared.
DeliveryPlan PlanFor(const RouteDeclaration& route, std::string run);

}  // namespace nexus::route
