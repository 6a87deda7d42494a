#pragma once

// Router: brings the events of the log to the sinks that routes name.
//
// It follows the whole log once a route, so that a slow sink holds up nobody else. Each route has a
// checkpoint. Delivery is at least once, in order a stream within a sink; none can be promised
// across sinks, so a category that needs the order of its streams whole is declared as ordered.
//
// Routes come, change and go while it runs: it looks at the book after each change and brings what
// runs in line with what is declared. Thread-safe. Made by Create(): tasks under way hold on to it.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/port/sink.h"
#include "route/book/route_book.h"
#include "route/letter_events.h"
#include "route/sink_delivery.h"

namespace nexus::route {

// Makes the sink of a route. `run` names what is delivered: the route itself, or something of it
// again, which must not get in its way. CONFIGURATION_INVALID, MALFORMED_REQUEST with the pointer
// of a setting. May block for a moment.
using SinkFactory = std::function<absl::StatusOr<std::unique_ptr<Sink>>(
    const RouteDeclaration& route, const std::string& run)>;

struct RouterOptions {
  absl::Duration flush = absl::Seconds(2);       // of a route that is changed or stopped
  absl::Duration open_again = absl::Seconds(5);  // of a sink that could not be made
  // Of every route, where its declaration does not say otherwise.
  DeliveryOptions delivery = {};
};

enum class RunState { kRunning, kPaused, kFailed };

struct RunStatus {
  RunState state = RunState::kRunning;
  absl::Status error;  // of kFailed: why it does not run
  SinkStatus sink;     // of kRunning
};

class Router : public std::enable_shared_from_this<Router> {
 public:
  // `book` must outlive it.
  static std::shared_ptr<Router> Create(const RouteContext& context, RouteBook& book,
                                        SinkFactory factory, RouterOptions options = {});
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // Begins to deliver. An error of a route that the configuration has is its error too; any other
  // route fails by itself. Reads from disk. Once.
  absl::Status Start() ABSL_LOCKS_EXCLUDED(mutex_);

  // Stops reading, gives the sinks together `timeout` at most to acknowledge what is on its way,
  // saves the checkpoints. DEADLINE_EXCEEDED if some was not: it is delivered again after a
  // restart.
  absl::Status Stop(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mutex_);

  // By what runs: a route's name, or "name#replay-7".
  std::map<std::string, RunStatus> Status() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Somebody decided that an open letter is tried again.
  void Retry(const Letter& letter) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether a sink can be made of it.
  absl::Status CheckSink(const RouteDeclaration& route) const;

 private:
  struct Run;
  struct Wanted;
  using RunPtr = std::shared_ptr<Run>;

  Router(const RouteContext& context, RouteBook& book, SinkFactory factory, RouterOptions options);

  std::map<std::string, Wanted> WantedRuns() const;
  void Reconcile() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status ReconcileOnce() ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<RunPtr> TakeUnwanted(const std::map<std::string, Wanted>& wanted)
      ABSL_LOCKS_EXCLUDED(mutex_);
  RunPtr Begin(const std::string& run, const Wanted& wanted);
  void EndReplay(const std::string& run, const std::string& route, uint64_t replay);
  void ScheduleReconcile(absl::Duration delay);

  const RouteContext context_;
  RouteBook& book_;
  const SinkFactory factory_;
  const RouterOptions options_;

  mutable absl::Mutex mutex_;
  absl::CondVar settled_;
  std::map<std::string, RunPtr> runs_ ABSL_GUARDED_BY(mutex_);
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool again_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

// The run of a route: its name, and how often it began anew.
std::string RunOf(const RouteRecord& route);

}  // namespace nexus::route
