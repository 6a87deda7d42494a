#pragma once

// Policies beside the server's own, for the streams of some categories.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "nexus/port/policy_decider.h"

namespace nexus::policy {

struct PolicyLayer {
  std::string name;      // "orders/limits": stands before the names of its rules
  std::string revision;  // "orders@7": stands behind the server's on what both let in
  std::vector<std::string> categories;  // that it is asked about
  // Null: it cannot be used, for `fault`, and what it would be asked about is not admitted.
  std::shared_ptr<PolicyDecider> decider = nullptr;
  std::string fault = {};
};

// What layers may decide: questions that are about certain streams. One without an entrypoint for
// the operation has nothing against it.
inline constexpr absl::string_view kLayeredOperations[] = {"append", "execute"};

}  // namespace nexus::policy
