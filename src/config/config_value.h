#pragma once

// What a source of configuration says, before it is known what it means.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::config {

struct ConfigEntry;

// A scalar, a list or a map of such. `line` is 1-based; 0 where there are no lines.
struct ConfigValue {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  int line = 0;
  std::string text;                  // of a scalar
  std::vector<ConfigValue> items;    // of a list
  std::vector<ConfigEntry> entries;  // of a map, in order, as written

  static ConfigValue Scalar(absl::string_view text);
};

struct ConfigEntry {
  std::string name;
  ConfigValue value;
};

// "text", "a list", "a map", "nothing".
absl::string_view KindName(const ConfigValue& value);

// One key set by one source. `where` is what a person calls the place: "nexusd.yaml:12",
// "NEXUS_DATA", "--data".
struct Setting {
  std::string key;
  ConfigValue value;
  std::string where;
};

struct Problem {
  std::string where;
  std::string key;  // may be empty
  std::string message;

  friend bool operator==(const Problem&, const Problem&) = default;
};

}  // namespace nexus::config
