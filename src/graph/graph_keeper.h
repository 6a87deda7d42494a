#pragma once

// The service graph of a log, kept between questions: each brings it up from where the last one
// left it, so that only the first reads the whole log. Nothing is read before somebody asks.
//
// Thread-safe. `reader` must outlive it.

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "graph/graph_fold.h"
#include "graph/subscription_table.h"
#include "nexus/core/service_graph.h"
#include "nexus/port/event_reader.h"

namespace nexus::graph {

class GraphKeeper {
 public:
  explicit GraphKeeper(EventReader& reader, const GraphLimits& limits = {})
      : reader_(reader), fold_(limits) {}

  // Looks at the next page of what is stored: some milliseconds, from disk. Gives the position that
  // was reached. What the log gives where it cannot be read.
  absl::StatusOr<Position> Advance();

  // As far as it was brought.
  ServiceGraph Graph() const;

  // Who subscribes to what, as the server sees it.
  SubscriptionTable& subscriptions() { return subscriptions_; }

 private:
  EventReader& reader_;
  mutable absl::Mutex mutex_;
  GraphFold fold_ ABSL_GUARDED_BY(mutex_);
  SubscriptionTable subscriptions_;
};

}  // namespace nexus::graph
