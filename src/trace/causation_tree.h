#pragma once

// What led to what: commands and events of one correlation, as a tree. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "nexus/core/event.h"

namespace nexus::trace {

enum class NodeKind : uint8_t { kEvent, kCommand };

struct TraceNode {
  NodeKind kind = NodeKind::kEvent;
  std::string id;            // of the event; of a command its id, which is that of its commit
  std::string causation_id;  // what led to it, as it was said; may be empty
  std::string type;
  std::string principal;
  Timestamp recorded;
  Position position;  // of a command that of its first event
  // Of an event only.
  std::string stream = {};
  Revision revision = {};
  uint32_t schema_version = 0;
  std::string policy_revision = {};
  std::string decision_id = {};
  std::string traceparent = {};

  // Set by OrderByCausation().
  uint32_t depth = 0;             // 0: nothing that is known here led to it
  bool cause_is_missing = false;  // it says what led to it, and that is not here
};

// The nodes that an event shows: itself, and before it the command that it came from, if it did.
std::vector<TraceNode> NodesOf(const RecordedEvent& event);

// Without nodes that are there twice, each behind what led to it and before what is beside that, by
// position. What claims to have led to itself, by whatever way round, begins a tree of its own.
std::vector<TraceNode> OrderByCausation(std::vector<TraceNode> nodes);

}  // namespace nexus::trace
