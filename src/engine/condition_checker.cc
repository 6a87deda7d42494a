#include "engine/condition_checker.h"

#include <algorithm>

#include "nexus/core/status_macros.h"

namespace nexus::engine {
namespace {

// Where what was not looked at yet begins.
Position LookedTo(const AppendCondition& condition) {
  return std::max(condition.after, condition.checked);
}

}  // namespace

bool ConditionChecker::LookInMemory(uint32_t tenant, AppendCondition& condition) const {
  const Position after = LookedTo(condition);
  const Position head = reader_.Head();
  if (condition.found.has_value() || after >= head) return true;
  if (recent_ == nullptr) return false;
  const log::RecentEvents::Answer answer =
      recent_->FirstMatch(tenant, condition.fail_if_match, after, head);
  if (!answer.covered) return false;
  condition.checked = head;
  condition.found = answer.match;
  return true;
}

bool ConditionChecker::CheckInMemory(Commit& commit) const {
  bool all = true;
  for (AppendCondition& condition : commit.conditions) {
    all = LookInMemory(commit.tenant, condition) && all;
  }
  return all;
}

// A long look may leave the head out of memory's reach again; then the next one is shorter.
absl::Status ConditionChecker::Check(Commit& commit) {
  for (AppendCondition& condition : commit.conditions) {
    while (!LookInMemory(commit.tenant, condition)) {
      const Position head = reader_.Head();
      NEXUS_ASSIGN_OR_RETURN(condition.found,
                             older_.FirstMatch(condition.fail_if_match, LookedTo(condition), head));
      condition.checked = head;
    }
  }
  return absl::OkStatus();
}

}  // namespace nexus::engine
