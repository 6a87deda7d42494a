#pragma once

// The operations that policies are asked about, by the names of their entrypoints
// (docs/reference/policy-input.md).

#include <algorithm>
#include <array>

#include "absl/strings/string_view.h"

namespace nexus::policy {

// Policies need not decide these. Where they have no entrypoint for one it is not asked about, so
// that policies which are older than the operation lock nobody out; nexusd says so when it starts.
// All others are undefined without an entrypoint, and what is undefined is not admitted.
inline constexpr std::array<absl::string_view, 6> kOptionalOperations = {
    "read", "subscribe", "query", "replay", "admin", "access_change"};

inline bool IsOptional(absl::string_view operation) {
  return std::find(kOptionalOperations.begin(), kOptionalOperations.end(), operation) !=
         kOptionalOperations.end();
}

}  // namespace nexus::policy
