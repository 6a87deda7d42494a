#pragma once

// What of a filter an index can answer: a union of items, each an intersection of groups, each a
// union of terms. Pure.
//
// An event that matches the filter is in the answer of the plan; one in the answer need not match,
// because prefixes are not indexed.

#include <optional>
#include <vector>

#include "nexus/core/event_filter.h"
#include "nexus/core/ids.h"
#include "nexus/port/event_index.h"

namespace nexus::index {

// One of these.
struct TermGroup {
  std::vector<IndexTerm> terms = {};
  // Events of these commits, whose correlation id may be the id of their commit.
  std::vector<CommitId> commits = {};
};

// All of these; one at least.
using ItemPlan = std::vector<TermGroup>;

// Nothing if an item of the filter has no indexed term, or there is no item: the log must be read.
std::optional<std::vector<ItemPlan>> PlanOf(const EventFilter& filter);

}  // namespace nexus::index
