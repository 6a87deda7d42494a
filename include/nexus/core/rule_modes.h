#pragma once

// How far a rule of the policies has come on its way to be enforced, and for which share of the
// traffic: docs/reference/policy-bundle.md, "Enforcement".
//
// Plain values; const calls are thread-safe.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace nexus {

// The rungs of the ladder, in order. The numbers are stored with events: they never change.
enum class RuleMode : uint8_t {
  kOff = 0,     // as if the rule were not there
  kShadow = 1,  // what it would refuse is counted and logged
  kWarn = 2,    // the caller is told, too
  kDeny = 3,    // what it denies is refused
};

// "off", "shadow", "warn", "deny".
absl::string_view RuleModeName(RuleMode mode);
std::optional<RuleMode> ParseRuleMode(absl::string_view name);

struct RuleSetting {
  RuleMode mode = RuleMode::kDeny;
  // Of the traffic, 0 to 1. The rest of it is one rung below.
  double share = 1;

  friend bool operator==(const RuleSetting&, const RuleSetting&) = default;
};

// Stands for what is decided about: of the same id it is the same number, on every machine.
uint64_t ShareKey(absl::string_view id);

class RuleModes {
 public:
  // By operation, then by rule: "append", "append_only".
  using Settings =
      std::map<std::string, std::map<std::string, RuleSetting, std::less<>>, std::less<>>;

  RuleModes() = default;
  explicit RuleModes(Settings settings) : settings_(std::move(settings)) {}

  // kDeny where nothing is said of a rule. The same rule and key always give the same mode, and
  // who is within a share is within every larger one.
  RuleMode ModeOf(absl::string_view operation, absl::string_view rule, uint64_t share_key) const;
  // Null: nothing is said of it.
  const RuleSetting* Find(absl::string_view operation, absl::string_view rule) const;

  const Settings& settings() const { return settings_; }

 private:
  Settings settings_;
};

}  // namespace nexus
