#pragma once

// AppendPace: how long an append is to wait because of the routes that its events go to. Switched
// on by `route.pace_appends_max_ms`; docs/decisions/0021-appends-wait-for-a-lagging-route.md.
//
// A route promises how soon its broker has an event. Where appends come faster than a broker that
// is well takes them, the promise breaks for good; so appends wait a little, the longer the closer
// the route is to breaking it. Where it is broken anyway, nobody waits: the log takes what comes.
//
// Thread-safe.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/core/clock.h"
#include "nexus/core/event.h"
#include "nexus/port/metrics.h"
#include "route/declaration/classification.h"
#include "route/declaration/route_declaration.h"
#include "route/pace/lag_meter.h"

namespace nexus::route {

// Nothing up to a quarter of the promise, all of `max` from three quarters on, in between in
// proportion; nothing again above twice the promise. Pure.
absl::Duration PaceFor(absl::Duration lag, absl::Duration promise, absl::Duration max);

class AppendPace {
 public:
  struct Options {
    absl::Duration wait_max = absl::Milliseconds(100);
    absl::Duration fresh = absl::Seconds(3);  // for so long a report counts
  };

  // What a route does, as long as it is delivered to: gone, nobody waits for it any more. Report()
  // is for one thread at a time.
  class Route {
   public:
    ~Route();
    Route(const Route&) = delete;
    Route& operator=(const Route&) = delete;

    // `takes`: the sink takes events, as far as one knows. `rules` judge what is appended now.
    void Report(const RouteLag& lag, bool takes, ClassificationPtr rules);

   private:
    friend class AppendPace;
    Route(AppendPace& pace, RouteMatch match, Gauge& shown);

    AppendPace& pace_;
    const RouteMatch match_;
    Gauge& shown_;
    // Under the mutex of `pace_`, which clang's analysis cannot see from here.
    absl::Duration wait_;
    absl::Duration reported_;
    ClassificationPtr rules_;
  };

  // Both must outlive it.
  AppendPace(const Clock& clock, MetricsRegistry& metrics, Options options);

  // A route that is delivered to from now on; `name` is for the metric. This must outlive it.
  std::unique_ptr<Route> Watch(const std::string& name, RouteMatch match)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // False: nothing waits. One load, for every append there is.
  bool active() const { return active_.load(std::memory_order_relaxed); }

  absl::Duration wait_max() const { return options_.wait_max; }

  // How long an append of such an event is to wait: the longest of the routes that it goes to. Of a
  // stream of the server never.
  absl::Duration WaitFor(const RecordedEvent& event) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Duration WaitOf(const RouteMatch& match, const RouteLag& lag) const;
  void Update() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  MetricsRegistry& metrics_;
  const Options options_;
  std::atomic<bool> active_{false};

  mutable absl::Mutex mutex_;
  std::vector<Route*> routes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::route
