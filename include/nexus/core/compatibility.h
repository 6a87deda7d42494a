#pragma once

// How the versions of a schema may differ, and the verdict on two of them.
// docs/reference/compatibility.md says what each name means. Plain values; not an error is made
// here.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus {

// Whose documents must be valid where. Plain: against the latest version; transitive: against all.
enum class CompatibilityMode : uint8_t {
  kNone = 1,      // nothing is judged
  kBackward = 2,  // what earlier versions accept, the new one accepts
  kBackwardTransitive = 3,
  kForward = 4,  // what the new version accepts, earlier ones accept
  kForwardTransitive = 5,
  kFull = 6,  // both
  kFullTransitive = 7,
};

// What a new version may do beyond that question.
enum class CompatibilityPolicy : uint8_t {
  kNexus = 1,    // the flags below hold
  kStrict = 2,   // every document counts, also one with fields that no version declares
  kLenient = 3,  // fields that only one side declares do not count
};

// Of the policy NEXUS alone.
struct CompatibilityFlags {
  bool allow_new_fields = true;
  bool require_defaults = true;  // a new field has a default that its schema accepts
  bool allow_field_removal = false;
  bool allow_type_changes = false;

  friend bool operator==(const CompatibilityFlags&, const CompatibilityFlags&) = default;
};

struct CompatibilityRules {
  CompatibilityMode mode = CompatibilityMode::kBackward;
  CompatibilityPolicy policy = CompatibilityPolicy::kNexus;
  CompatibilityFlags flags;

  friend bool operator==(const CompatibilityRules&, const CompatibilityRules&) = default;
};

// One thing that a new version must not do.
struct CompatibilityFinding {
  std::string rule;       // "MINIMUM_INCREASED"; stable
  std::string path;       // JSON pointer into the new schema; of what was removed, into the earlier
  std::string old_value;  // short; empty: nothing was there
  std::string new_value;
  std::string message;   // one sentence
  std::string fix;       // one sentence
  std::string witness;   // JSON: valid before, refused now (FORWARD: the other way); may be empty
  uint32_t version = 0;  // the earlier version that it is about
  bool forward = false;  // found when asking whether the earlier version accepts the new one's

  friend bool operator==(const CompatibilityFinding&, const CompatibilityFinding&) = default;
};

struct CompatibilityVerdict {
  std::vector<CompatibilityFinding> findings;  // empty: compatible

  bool compatible() const { return findings.empty(); }
};

// What a mode asks: whether the new version accepts what earlier ones did, whether they accept what
// it does, and whether all of them count or the latest alone. kNone asks nothing.
bool AsksBackward(CompatibilityMode mode);
bool AsksForward(CompatibilityMode mode);
bool IsTransitive(CompatibilityMode mode);

// "BACKWARD_TRANSITIVE", "NEXUS" and so on. Parsing is exact; false for any other text.
absl::string_view CompatibilityModeName(CompatibilityMode mode);
absl::string_view CompatibilityPolicyName(CompatibilityPolicy policy);
bool ParseCompatibilityMode(absl::string_view name, CompatibilityMode& mode);
bool ParseCompatibilityPolicy(absl::string_view name, CompatibilityPolicy& policy);

}  // namespace nexus
