#pragma once

// What differs between two versions of a schema, and for whom.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nexus/core/compatibility.h"
#include "nexus/core/data_class.h"
#include "nexus/port/schema_comparer.h"

namespace nexus::cli {

enum class ChangeKind { kAdded, kRemoved, kChanged };

// Backward: what the old version accepts, the new one accepts. Forward: the other way.
struct SchemaChange {
  ChangeKind kind = ChangeKind::kChanged;
  std::string path;       // of CompatibilityFinding
  std::string old_value;  // short; may be empty
  std::string new_value;
  bool breaks_backward = false;  // by the policy that was asked for
  bool breaks_forward = false;
  bool breaks_backward_strictly = false;  // by STRICT
  bool breaks_forward_strictly = false;
  std::vector<CompatibilityFinding> findings;  // each (rule, direction) once; none: breaks nothing
};

struct SchemaDiff {
  CompatibilityPolicy policy = CompatibilityPolicy::kNexus;
  std::vector<SchemaChange> changes;  // in the order of their paths

  bool breaks_backward() const;
  bool breaks_forward() const;
};

// "pii.email", "subject key", "pii.email, subject key".
std::string ClassText(const ClassifiedField& field);

// Compares in both directions, by STRICT and by `rules` (whose mode does not count). A change that
// only widens what is accepted is what the earlier version would refuse, so it is found as well; so
// is a field that came or went and breaks nothing; so is a field whose class of data is another
// one, which breaks nothing either: its path leads into the data. What no verdict depends on, such
// as a description, is no change. Errors as Compare().
absl::StatusOr<SchemaDiff> DiffSchemas(SchemaComparer& comparer, const CompiledSchema& before,
                                       const CompiledSchema& after,
                                       const CompatibilityRules& rules);

}  // namespace nexus::cli
