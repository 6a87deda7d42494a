#pragma once

// What every comparer of schemas keeps.

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

// The question forwards is the one backwards with the schemas swapped.
inline void CheckDirections(SchemaComparer& comparer, const CompiledSchema& before,
                            const CompiledSchema& after) {
  const auto strict = CompatibilityPolicy::kStrict;
  const bool backward =
      Judged(comparer, before, after, {CompatibilityMode::kBackward, strict, {}}).compatible();
  const bool forward =
      Judged(comparer, after, before, {CompatibilityMode::kForward, strict, {}}).compatible();
  Require(backward == forward, "forwards is backwards with the schemas swapped");
}

}  // namespace nexus::fuzz
