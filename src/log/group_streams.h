#pragma once

// The streams that a group of commits names: as stored, and as the group has moved them so far.
//
// Not thread-safe; lives as long as one group is applied.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "log/log_state.h"
#include "nexus/core/commit.h"

namespace nexus::log {

// A stream that the group wrote to.
struct MovedStream {
  uint32_t tenant = 0;
  std::string name;
  StreamHead head;  // after the group
};

class GroupStreams {
 public:
  // Events of one stream in one accepted commit of the group.
  struct Part {
    size_t commit = 0;          // its index in the group
    uint32_t stream_index = 0;  // the stream's, in that commit
    Revision first;
  };
  // Where a stream has an event id.
  struct FoundId {
    Revision revision;
    std::optional<size_t> commit;  // of the group; nothing: it is stored
  };
  struct Stream {
    // As stored, before the group; nothing if it does not exist.
    std::optional<StreamHead> stored;
    // With what the group has added.
    std::optional<StreamHead> head;
    std::vector<Part> parts;
    // Ids of the first `absorbed` parts. Filled when one is looked for: most never are.
    absl::flat_hash_map<EventId, FoundId> ids;
    size_t absorbed = 0;
    uint32_t tenant = 0;
    std::string name;
  };

  // `state` and what `commits` points at must outlive this; commits[i] is the group's i-th.
  GroupStreams(LogState& state, std::vector<const Commit*> commits)
      : state_(state), commits_(std::move(commits)) {
    if (commits_.size() > 1) streams_.reserve(commits_.size());
  }

  // The stream, looked up when it is named first. Valid as long as this object.
  absl::StatusOr<Stream*> Find(uint32_t tenant, const std::string& name);

  // Whether `stream` cannot have the event: its id is greater than all of the stream.
  static bool IsNew(const Stream& stream, const EventId& id) {
    return !stream.head.has_value() || id > stream.head->max_id;
  }
  // Where `stream` has the event; nothing if it does not. Costs nothing for one that IsNew().
  absl::StatusOr<std::optional<FoundId>> FindId(Stream& stream, const EventId& id);

  // `stream` has been moved to `head` by a commit of the group.
  void Move(Stream& stream, const StreamHead& head, Part part);

  // Every stream that moved, each once.
  std::vector<MovedStream> TakeMoved();

 private:
  using Key = std::pair<uint32_t, absl::string_view>;  // the name is the stream's own

  void Absorb(Stream& stream);

  LogState& state_;
  const std::vector<const Commit*> commits_;
  absl::flat_hash_map<Key, std::unique_ptr<Stream>> streams_;
  std::vector<Stream*> moved_;  // each once
};

}  // namespace nexus::log
