#include "nexus/core/compatibility.h"

#include <utility>

#include "nexus/core/name_table.h"

namespace nexus {
namespace {

constexpr std::pair<CompatibilityMode, absl::string_view> kModes[] = {
    {CompatibilityMode::kNone, "NONE"},
    {CompatibilityMode::kBackward, "BACKWARD"},
    {CompatibilityMode::kBackwardTransitive, "BACKWARD_TRANSITIVE"},
    {CompatibilityMode::kForward, "FORWARD"},
    {CompatibilityMode::kForwardTransitive, "FORWARD_TRANSITIVE"},
    {CompatibilityMode::kFull, "FULL"},
    {CompatibilityMode::kFullTransitive, "FULL_TRANSITIVE"}};

constexpr std::pair<CompatibilityPolicy, absl::string_view> kPolicies[] = {
    {CompatibilityPolicy::kNexus, "NEXUS"},
    {CompatibilityPolicy::kStrict, "STRICT"},
    {CompatibilityPolicy::kLenient, "LENIENT"}};

}  // namespace

bool AsksBackward(CompatibilityMode mode) {
  using Mode = CompatibilityMode;
  return mode == Mode::kBackward || mode == Mode::kBackwardTransitive || mode == Mode::kFull ||
         mode == Mode::kFullTransitive;
}

bool AsksForward(CompatibilityMode mode) {
  using Mode = CompatibilityMode;
  return mode == Mode::kForward || mode == Mode::kForwardTransitive || mode == Mode::kFull ||
         mode == Mode::kFullTransitive;
}

bool IsTransitive(CompatibilityMode mode) {
  using Mode = CompatibilityMode;
  return mode == Mode::kBackwardTransitive || mode == Mode::kForwardTransitive ||
         mode == Mode::kFullTransitive;
}

absl::string_view CompatibilityModeName(CompatibilityMode mode) { return NameIn(kModes, mode); }

absl::string_view CompatibilityPolicyName(CompatibilityPolicy policy) {
  return NameIn(kPolicies, policy);
}

bool ParseCompatibilityMode(absl::string_view name, CompatibilityMode& mode) {
  return ParseNameIn(kModes, name, mode);
}

bool ParseCompatibilityPolicy(absl::string_view name, CompatibilityPolicy& policy) {
  return ParseNameIn(kPolicies, name, policy);
}

}  // namespace nexus
