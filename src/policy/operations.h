#pragma once

// The operations that policies are asked about, by the names of their entrypoints
// (docs/reference/policy-input.md).

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace nexus::policy {

// Policies need not decide these. Where they have no entrypoint for one it is not asked about, so
// that policies which are older than the operation lock nobody out; nexusd says so when it starts.
// All others are undefined without an entrypoint, and what is undefined is not admitted.
inline constexpr std::array<absl::string_view, 7> kOptionalOperations = {
    "read", "subscribe", "query", "replay", "admin", "access_change", "execute"};

inline bool IsOptional(absl::string_view operation) {
  return std::find(kOptionalOperations.begin(), kOptionalOperations.end(), operation) !=
         kOptionalOperations.end();
}

// In the place of a revision where nobody was asked: the rules of access alone decided.
inline constexpr char kNobodyAsked[] = "none";

// A name of an operation is a plain word: it becomes a part of an entrypoint's name and of
// requests.
inline bool IsOperation(absl::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return absl::ascii_islower(c) || c == '_';
  });
}

}  // namespace nexus::policy
