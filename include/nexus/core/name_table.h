#pragma once

// Values and the names that events, clients and configuration use for them: tables of pairs.

#include <cstddef>
#include <utility>

#include "absl/strings/string_view.h"

namespace nexus {

// The first name of `value`; "UNKNOWN" if the table has none.
template <typename Value, size_t N>
absl::string_view NameIn(const std::pair<Value, absl::string_view> (&table)[N], Value value) {
  for (const auto& [known, name] : table) {
    if (known == value) return name;
  }
  return "UNKNOWN";
}

// Exact. False, and `value` as it was, if the table has no such name.
template <typename Value, size_t N>
bool ParseNameIn(const std::pair<Value, absl::string_view> (&table)[N], absl::string_view text,
                 Value& value) {
  for (const auto& [known, name] : table) {
    if (name != text) continue;
    value = known;
    return true;
  }
  return false;
}

}  // namespace nexus
