#pragma once

// Which routes there are and how events are classified. Everything here is an event in the stream
// `$routes`; this is its folded state and its only writer on this server.
//
// Thread-safe; snapshots are immutable. Callbacks run on the executor or on a thread of the log,
// and must not block.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "governance/governance_stream.h"
#include "governance/joint_commit.h"
#include "nexus/core/clock.h"
#include "nexus/core/event.h"
#include "nexus/core/id_source.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "nexus/port/json_reader.h"
#include "nexus/port/log_backend.h"
#include "route/book/route_state.h"
#include "route/declaration/classification.h"

namespace nexus::route {

// All of it must outlive the book.
struct RouteBookParts {
  LogBackend& log;
  EventReader& reader;
  JsonReader& json;
  Executor& executor;
  Clock& clock;
  IdSource& ids;
};

struct RouteBookOptions {
  // What the configuration says; an event of the same name goes before it.
  std::vector<RouteDeclaration> routes = {};
  CriticalityRules rules = {};
  size_t routes_max = 256;
};

class RouteBook {
 public:
  using SnapshotPtr = std::shared_ptr<const RouteState>;
  // The route after the change (of kRemoved: before it).
  using Done = absl::AnyInvocable<void(absl::StatusOr<RouteRecord>)>;

  RouteBook(const RouteBookParts& parts, RouteBookOptions options);

  // Folds the whole stream; before anything else is called. DATA_LOSS, UNSUPPORTED_FORMAT.
  absl::Status Load();

  // Runs after each change, when it can be seen. One; set before the first change.
  void SetListener(std::function<void()> listener);

  SnapshotPtr Snapshot() const;
  ClassificationHistory& classifications() { return classifications_; }

  // Changes of routes as a part of a joint change, in order, each as Change() has it: those that
  // `wanted` gives with every plan, of the routes that there are. What is so already leaves no
  // event.
  using Wanted = std::function<absl::StatusOr<std::vector<RouteEvent>>(const RouteState&)>;
  governance::JointPart ChangeTogether(Wanted wanted, std::string principal);
  // After a joint change: what Change() does by itself.
  void TellListener() const;

  // One change of `$routes`. `event.name` is that of the route. NOT_FOUND, MALFORMED_REQUEST,
  // LIMIT_EXCEEDED, OVERLOADED, and what LogBackend::Propose gives but REVISION_CONFLICT. A state
  // that is so already is answered without an event.
  void Change(RouteEvent event, AdmissionStamp stamp, Done done);

 private:
  using GovernanceStream = governance::GovernanceStream;
  using Plan = absl::StatusOr<std::optional<GovernanceStream::NewEvent>>;

  absl::Status Fold(const RecordedEvent& event);
  Plan PlanOf(const RouteEvent& event) const;
  absl::Status Take(const RouteEvent& event, const EventPlace& place, Position position)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const RouteBookParts parts_;
  const size_t routes_max_;
  std::function<void()> listener_;
  ClassificationHistory classifications_;

  mutable absl::Mutex mutex_;
  SnapshotPtr now_ ABSL_GUARDED_BY(mutex_);

  GovernanceStream stream_;
};

}  // namespace nexus::route
