#pragma once

// What an aggregate's code decided: events, or that it will not.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "domain/aggregate_declaration.h"
#include "nexus/core/event.h"
#include "nexus/port/json_reader.h"

namespace nexus::command {

struct DecidedEvent {
  std::string type;
  std::string data;  // JSON
  std::vector<std::pair<std::string, std::string>> metadata = {};
  std::vector<std::string> tags = {};
  RoutingHints routing = {};
};

struct Rejection {
  std::string reason;   // the domain's own word
  std::string details;  // JSON; "null" without any
};

struct Decision {
  std::vector<DecidedEvent> events = {};
  std::optional<Rejection> rejection = {};
};

// Reads what the prelude gives (aggregate_prelude.h): `["events", type, data, extra, ...]` or
// `["reject", reason, details]`. DOMAIN_CODE_FAILED for an event that the aggregate does not
// declare, or whose extra members are not as they should be.
absl::StatusOr<Decision> ReadDecision(absl::string_view text,
                                      const domain::AggregateDeclaration& aggregate,
                                      JsonReader& json);

// COMMAND_REJECTED with the domain's reason.
absl::Status RejectionStatus(const Rejection& rejection);

}  // namespace nexus::command
