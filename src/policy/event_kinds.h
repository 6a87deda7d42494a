#pragma once

// Groups the events of a commit by what a policy can tell apart.

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "nexus/core/commit.h"
#include "policy/policy_input.h"

namespace nexus::policy {

struct EventKind {
  uint32_t first_index = 0;  // into Commit::events; stands for all events of the kind
  uint64_t count = 0;
  uint64_t bytes_max = 0;
};

// In the order of first_index. `with_data`: payloads tell events apart, too. One pass; the usual
// batch of like events compares each event with the one before and hashes nothing.
std::vector<EventKind> GroupEvents(const Commit& commit, absl::Span<const SchemaFacts> schemas,
                                   bool with_data);

}  // namespace nexus::policy
