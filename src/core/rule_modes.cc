#include "nexus/core/rule_modes.h"

#include <array>
#include <cmath>
#include <utility>

namespace nexus {
namespace {

constexpr std::array<absl::string_view, 4> kModeNames = {"off", "shadow", "warn", "deny"};

constexpr uint64_t kBasis = 14695981039346656037u;
constexpr uint64_t kPrime = 1099511628211u;

// FNV-1a: written down here, because a hash of the library differs from process to process.
uint64_t HashText(absl::string_view text, uint64_t hash) {
  for (const unsigned char c : text) hash = (hash ^ c) * kPrime;
  return hash;
}

// Spreads what differs in the last bits over all of them (the end of MurmurHash3).
uint64_t SpreadBits(uint64_t x) {
  x = (x ^ x >> 33) * 0xff51afd7ed558ccdu;
  x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53u;
  return x ^ x >> 33;
}

RuleMode Below(RuleMode mode) {
  return mode == RuleMode::kOff ? mode : static_cast<RuleMode>(static_cast<int>(mode) - 1);
}

}  // namespace

absl::string_view RuleModeName(RuleMode mode) { return kModeNames[static_cast<size_t>(mode)]; }

std::optional<RuleMode> ParseRuleMode(absl::string_view name) {
  for (size_t i = 0; i < kModeNames.size(); ++i) {
    if (kModeNames[i] == name) return static_cast<RuleMode>(i);
  }
  return std::nullopt;
}

uint64_t ShareKey(absl::string_view id) { return HashText(id, kBasis); }

const RuleSetting* RuleModes::Find(absl::string_view operation, absl::string_view rule) const {
  const auto of_operation = settings_.find(operation);
  if (of_operation == settings_.end()) return nullptr;
  const auto found = of_operation->second.find(rule);
  return found == of_operation->second.end() ? nullptr : &found->second;
}

RuleMode RuleModes::ModeOf(absl::string_view operation, absl::string_view rule,
                           uint64_t share_key) const {
  const RuleSetting* const setting = Find(operation, rule);
  if (setting == nullptr) return RuleMode::kDeny;
  // Each rule has its own part of the traffic: the 53 upper bits as a fraction below 1.
  const double place =
      std::ldexp(static_cast<double>(SpreadBits(HashText(rule, share_key)) >> 11), -53);
  return place < setting->share ? setting->mode : Below(setting->mode);
}

}  // namespace nexus
