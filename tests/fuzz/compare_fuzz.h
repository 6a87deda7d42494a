#pragma once

// What every comparer of schemas keeps.

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "fuzz/fuzz_input.h"
#include "nexus/core/compatibility.h"
#include "nexus/port/schema_comparer.h"

namespace nexus::fuzz {

inline CompatibilityVerdict Judged(SchemaComparer& comparer, const CompiledSchema& before,
                                   const CompiledSchema& after, CompatibilityRules rules) {
  const EarlierSchema earlier{1, &before};
  const auto verdict = comparer.Compare({&earlier, 1}, after, rules);
  Require(verdict.ok(), "a comparison has a verdict");
  for (const CompatibilityFinding& finding : verdict->findings) {
    Require(!finding.rule.empty() && !finding.message.empty(), "a finding is explained");
  }
  return *verdict;
}

// A version that says the same again may always follow. Where the question is given up for its
// size, or cannot be decided, that is the verdict.
inline void CheckAgainstItself(SchemaComparer& comparer, const CompiledSchema& schema) {
  for (const CompatibilityPolicy policy :
       {CompatibilityPolicy::kNexus, CompatibilityPolicy::kStrict, CompatibilityPolicy::kLenient}) {
    const CompatibilityVerdict verdict =
        Judged(comparer, schema, schema, {CompatibilityMode::kFull, policy, {}});
    for (const CompatibilityFinding& finding : verdict.findings) {
      Require(
          finding.rule == "UNDECIDED", "a schema is compatible with itself:",
          absl::StrCat(CompatibilityPolicyName(policy), " ", finding.rule, " at ", finding.path));
    }
  }
}

inline CompatibilityVerdict JudgedBackward(SchemaComparer& comparer, const CompiledSchema& before,
                                           const CompiledSchema& after) {
  return Judged(comparer, before, after,
                {CompatibilityMode::kBackward, CompatibilityPolicy::kStrict, {}});
}

// The question forwards is the one backwards with the schemas swapped.
inline void CheckDirections(SchemaComparer& comparer, const CompiledSchema& before,
                            const CompiledSchema& after) {
  const bool backward = JudgedBackward(comparer, before, after).compatible();
  const bool forward = Judged(comparer, after, before,
                              {CompatibilityMode::kForward, CompatibilityPolicy::kStrict, {}})
                           .compatible();
  Require(backward == forward, "forwards is backwards with the schemas swapped");
}

// Two versions that compile, of which a comparer keeps the above.
struct Versions {
  std::shared_ptr<const CompiledSchema> before;
  std::shared_ptr<const CompiledSchema> after;
};
template <typename Validator>
std::optional<Versions> CheckedVersions(Validator& validator, SchemaComparer& comparer,
                                        absl::string_view before_text,
                                        absl::string_view after_text) {
  const auto before = validator.Compile(before_text);
  if (!before.ok()) return std::nullopt;
  CheckAgainstItself(comparer, **before);
  const auto after = validator.Compile(after_text);
  if (!after.ok()) return std::nullopt;
  CheckDirections(comparer, **before, **after);
  return Versions{*before, *after};
}

}  // namespace nexus::fuzz
