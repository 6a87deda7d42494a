#pragma once

// What a writer asks the server to store. Plain values: nothing is checked before they are sent.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "nexus/core/commit.h"
#include "nexus/core/event.h"
#include "nexus/core/event_filter.h"
#include "nexus/core/position.h"

namespace nexus::client {

struct EventDraft {
  std::string event_id;         // UUID text; empty: the server derives one from the commit id
  std::string type;             // also the subject of its schema
  uint32_t schema_version = 0;  // 0: the latest
  std::string content_type;     // empty: application/json
  std::string data;
  std::vector<std::string> tags;
  std::vector<std::pair<std::string, std::string>> metadata;
  RoutingHints routing;
  std::string correlation_id;
  std::string causation_id;
  std::string traceparent;
  std::string tracestate;
};

struct StreamDraft {
  std::string stream;
  ExpectedRevision expected;
  std::vector<EventDraft> events;
};

// Nothing is stored if an event that matches stands after `after`, a position up to which the
// writer has read. Each item of the filter names a type, a tag, a category or a correlation id, or
// is empty; a filter without items matches every event.
struct ConditionDraft {
  EventFilter fail_if_match = {};
  Position after = {};
};

struct CommitDraft {
  // UUID text. Empty: the client makes one, so that its own retries are safe. Set it to be able to
  // ask again after the process ended.
  std::string commit_id;
  std::vector<StreamDraft> streams;
  std::vector<ConditionDraft> conditions = {};  // all must hold, besides the expected revisions
};

}  // namespace nexus::client
