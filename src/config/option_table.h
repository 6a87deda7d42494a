#pragma once

// Every option of the daemon in one table: key, field, unit, range, meaning. Files, environment,
// flags, checks, printing and the reference page all come from it. Immutable.

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "config/nexus_config.h"

namespace nexus::config {

// Where an option's value stands in a NexusConfig; its type is the option's type.
using Field = std::variant<std::string*, uint64_t*, double*, bool*, std::vector<std::string>*,
                           std::map<std::string, std::string>*, std::map<std::string, double>*,
                           std::vector<TokenConfig>*>;

struct Option {
  absl::string_view key;  // "policy.timeout_ms"
  Field (*field)(NexusConfig&);
  absl::string_view unit;  // "ms", "bytes"; empty: none
  absl::string_view help;
  double min = 0;  // of numbers, also of each one in a map
  double max = std::numeric_limits<double>::infinity();
  absl::string_view choices = "";  // "a|b|c"; empty: any text
  bool secret = false;             // starred when printed; NEXUS_<KEY>_FILE names a file with it
};

absl::Span<const Option> AllOptions();
// Null if there is none.
const Option* FindOption(absl::string_view key);
// Whether some option's key begins with `prefix` and a dot.
bool IsSection(absl::string_view prefix);

// "text", "integer", "number", "boolean", "list of text", "map of text", "map of numbers",
// "list of tokens".
absl::string_view TypeName(const Option& option);

}  // namespace nexus::config
