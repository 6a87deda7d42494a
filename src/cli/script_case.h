#pragma once

// Cases of a domain's code: what is given, what comes, what must follow. docs/reference/cases.md.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/yaml_json.h"
#include "nexus/core/ids.h"
#include "nexus/core/position.h"
#include "nexus/port/json_reader.h"

namespace nexus::cli {

using TextPairs = std::vector<std::pair<std::string, std::string>>;

struct CaseEvent {
  std::string type;      // of an upcaster's: empty is its own
  uint32_t version = 0;  // that it was stored with; 0: the newest
  std::string data;      // canonical JSON
  TextPairs metadata = {};
  std::optional<Timestamp> recorded = {};
  std::string pointer = {};  // where it stands in the document
};

struct CaseCommand {
  std::string type;
  std::string data;
  CommitId id;
  std::optional<Timestamp> now = {};
  TextPairs metadata = {};
  std::string principal;
  std::vector<std::string> roles = {};
  std::string correlation_id;
  std::string causation_id;
};

// What must follow; what is not there is not looked at.
struct CaseOutcome {
  std::optional<std::vector<CaseEvent>> events = {};
  std::optional<std::string> rejection = {};  // its reason
  std::string details = {};                   // of the rejection, canonical JSON; empty: any
  std::string error = {};                     // what the error has in its text
  std::string state = {};                     // canonical JSON
};

struct ScriptCase {
  std::string name;
  std::vector<CaseEvent> given = {};
  std::optional<CaseCommand> when = {};
  CaseOutcome then = {};
  std::string pointer = {};  // "/cases/2"
};

struct ScriptCases {
  std::string aggregate;  // one of these two
  std::string upcaster;
  std::vector<ScriptCase> cases;
};

// MALFORMED_REQUEST with a violation that has the JSON pointer of what is wrong.
absl::StatusOr<ScriptCases> ReadCases(const YamlDocument& document, JsonReader& json);

}  // namespace nexus::cli
