#pragma once

// Finds all that belongs to one correlation, by any id of it.
//
// Thread-safe. The parts must outlive it and every callback.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "engine/engine.h"
#include "nexus/core/stream_name.h"
#include "nexus/port/commit_locator.h"
#include "nexus/port/event_reader.h"
#include "trace/causation_tree.h"

namespace nexus::trace {

// One of them.
struct TraceQuery {
  // A correlation id; or the id of a command, a commit or an event of it, if the server made that
  // id or it is the command's.
  std::string id = {};
  Position position = {};  // of an event
  size_t events_max = 1'000;
};

struct Trace {
  std::string correlation_id;
  std::vector<TraceNode> nodes;  // ordered by causation
  bool more = false;             // there are more events than were asked for; the first are here
};

struct TracerParts {
  engine::Engine& engine;
  EventReader& reader;
  CommitLocator& locator;
};

class Tracer {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<Trace>)>;

  explicit Tracer(const TracerParts& parts) : parts_(parts) {}

  // Of what the caller may read: admitted, rated and written down as a read is. NOT_FOUND if there
  // is nothing of it, MALFORMED_REQUEST, POSITION_BEYOND_HEAD, and what Engine::OpenRead gives.
  // `done` runs once, on any thread.
  void Find(TraceQuery query, engine::Caller caller, Done done);

 private:
  absl::StatusOr<std::string> CorrelationOf(const TraceQuery& query);
  absl::StatusOr<std::string> CorrelationAt(Position position);
  absl::StatusOr<std::optional<Position>> PositionOf(const std::string& id);

  const TracerParts parts_;
};

}  // namespace nexus::trace
