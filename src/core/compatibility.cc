#include "nexus/core/compatibility.h"

#include <utility>

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

template <typename Table, typename Value>
absl::string_view NameOf(const Table& table, Value value) {
  for (const auto& [known, name] : table) {
    if (known == value) return name;
  }
  return "UNKNOWN";
}

template <typename Table, typename Value>
bool Parse(const Table& table, absl::string_view text, Value& value) {
  for (const auto& [known, name] : table) {
    if (name != text) continue;
    value = known;
    return true;
  }
  return false;
}

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

absl::string_view CompatibilityModeName(CompatibilityMode mode) { return NameOf(kModes, mode); }

absl::string_view CompatibilityPolicyName(CompatibilityPolicy policy) {
  return NameOf(kPolicies, policy);
}

bool ParseCompatibilityMode(absl::string_view name, CompatibilityMode& mode) {
  return Parse(kModes, name, mode);
}

bool ParseCompatibilityPolicy(absl::string_view name, CompatibilityPolicy& policy) {
  return Parse(kPolicies, name, policy);
}

}  // namespace nexus
