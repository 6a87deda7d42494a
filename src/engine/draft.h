#pragma once

// What a client asks for, before anything is checked: text where the log wants ids and names.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "identity/access/access.h"
#include "identity/principal.h"
#include "nexus/core/commit.h"
#include "nexus/core/event.h"
#include "nexus/core/event_filter.h"

namespace nexus::engine {

struct EventDraft {
  std::string event_id;
  std::string type;
  uint32_t schema_version = 0;
  std::string content_type;
  std::string data;
  std::vector<std::string> tags;
  std::vector<std::pair<std::string, std::string>> metadata;
  // Of the server itself: keys that begin with '$'. No edge fills it.
  std::vector<std::pair<std::string, std::string>> server_metadata = {};
  RoutingHints routing;
  std::string correlation_id;
  std::string causation_id;
  std::string traceparent;
  std::string tracestate;
};

struct StreamDraft {
  std::string stream;
  std::optional<ExpectedRevision> expected;
  std::vector<EventDraft> events;
};

struct ConditionDraft {
  EventFilter fail_if_match = {};
  Position after = {};
};

struct CommitDraft {
  std::string commit_id;
  std::vector<StreamDraft> streams;
  std::vector<ConditionDraft> conditions = {};
  // What a command decided upon: who may execute it need not be allowed to append such events. The
  // command's own access has been checked.
  bool of_command = false;
};

// Who calls, and what came with the call.
struct Caller {
  identity::Principal principal;
  // Where it calls from, without the port; only of one who is anonymous.
  std::string address = {};
  // What it may do; null: access is not controlled. Shared with others of the same rights.
  std::shared_ptr<const identity::Access> access = nullptr;
  std::string correlation_id;
  std::string traceparent;
  std::string tracestate;
  std::string peer = {};  // "ipv4:10.0.0.7:51234"; empty: not known
  // Point of Clock::Monotonic() after which nobody waits for the answer any more.
  absl::Duration deadline = absl::InfiniteDuration();

  // Set when nobody waits for the answer any more, before the deadline too; null: one never knows.
  // Shared with the call.
  std::shared_ptr<const std::atomic<bool>> gone = nullptr;

  bool HasGone() const { return gone != nullptr && gone->load(std::memory_order_relaxed); }

  // Whose limits and share count.
  absl::string_view account() const { return address.empty() ? principal.name : address; }
};

}  // namespace nexus::engine
