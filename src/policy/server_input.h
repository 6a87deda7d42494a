#pragma once

// The documents about reads, and about changes of the server itself:
// docs/reference/policy-input.md.
//
// Pure functions; thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "nexus/core/event_filter.h"
#include "nexus/core/position.h"
#include "policy/policy_input.h"

namespace nexus::policy {

// Of `read`, `subscribe` and `query`.
struct ReadFacts {
  uint32_t tenant = 0;
  // "read", "subscribe", "get_stream", "list_streams", "observe_schema", "get_service_graph",
  // "state_as_of", "diff", "field_history"
  absl::string_view call = {};
  absl::string_view stream = {};  // empty: the whole log
  bool system_events = false;     // of the whole log: those of '$' streams too
  uint64_t events_max = 0;        // 0: no limit
  const EventFilter* filter = nullptr;
  // Of `query`: events recorded then or later, and before.
  std::optional<Timestamp> from_time = {};
  std::optional<Timestamp> to_time = {};
  Timestamp now = {};
  std::optional<uint64_t> temporal_reads_left = {};  // nothing: not limited
};

std::string ReadInput(const ReadFacts& facts, const PrincipalFacts& principal);
std::string SubscribeInput(const ReadFacts& facts, const PrincipalFacts& principal);
std::string QueryInput(const ReadFacts& facts, const PrincipalFacts& principal);

// Of `execute`.
struct CommandFacts {
  uint32_t tenant = 0;
  absl::string_view type = {};
  absl::string_view aggregate = {};
  absl::string_view domain = {};
  absl::string_view stream = {};  // of the aggregate
  // Keys and values, in any order. Null: none.
  const std::vector<std::pair<std::string, std::string>>* metadata = nullptr;
  absl::string_view data_json = {};  // empty: the policy does not see it
};

std::string CommandInput(const CommandFacts& facts, const PrincipalFacts& principal);

// Of `admin`.
struct AdminFacts {
  uint32_t tenant = 0;
  absl::string_view action = {};  // "drain", "rebuild_index", "verify_log", "verify_schemas"
};

std::string AdminInput(const AdminFacts& facts, const PrincipalFacts& principal);

// Of `access_change`. What an action does not have is empty.
struct AccessChangeFacts {
  uint32_t tenant = 0;
  // "create_token", "revoke_token", "define_role", "remove_role", "create_role_binding",
  // "delete_role_binding"
  absl::string_view action = {};
  absl::string_view id = {};      // of a token or binding
  absl::string_view member = {};  // a principal, or "group:" and a name
  std::vector<std::string> roles = {};
  std::vector<std::string> operations = {};  // of a role, or of the token's scope; none: all
  bool system_streams = false;               // of a role
  bool deny = false;                         // of a binding
  bool expires = false;                      // of a token
  absl::string_view comment = {};
};

std::string AccessChangeInput(const AccessChangeFacts& facts, const PrincipalFacts& principal);

}  // namespace nexus::policy
