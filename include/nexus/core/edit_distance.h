#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace nexus {

// The fewest insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
// Costs a.size() * b.size(): cut long input first.
size_t EditDistance(absl::string_view a, absl::string_view b);

}  // namespace nexus
