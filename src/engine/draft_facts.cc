#include "engine/draft_facts.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::engine {
namespace {

size_t BytesOf(const EventFilter& filter) {
  size_t bytes = 0;
  for (const FilterItem& item : filter.items) {
    bytes += sizeof(item);
    for (const std::vector<std::string>* values :
         {&item.types, &item.type_prefixes, &item.stream_prefixes, &item.categories, &item.tags,
          &item.correlation_ids, &item.principals, &item.policy_revisions, &item.decision_ids}) {
      for (const std::string& value : *values) bytes += sizeof(value) + value.size();
    }
  }
  return bytes;
}

}  // namespace

size_t BytesOf(const CommitDraft& draft) {
  size_t bytes = 0;
  for (const ConditionDraft& condition : draft.conditions)
    bytes += BytesOf(condition.fail_if_match);
  for (const StreamDraft& stream : draft.streams) {
    for (const EventDraft& event : stream.events) bytes += event.data.size() + 256;
  }
  return bytes;
}

bool BringsIds(const CommitDraft& draft) {
  if (!draft.commit_id.empty()) return true;
  for (const StreamDraft& stream : draft.streams) {
    for (const EventDraft& event : stream.events) {
      if (event.event_id.empty()) return false;
    }
  }
  return true;
}

absl::Status CheckReach(const Commit& commit, Position head) {
  ErrorDetails details;
  details.reason = ErrorReason::kPositionBeyondHead;
  for (size_t i = 0; i < commit.conditions.size(); ++i) {
    const Position after = commit.conditions[i].after;
    if (after <= head) continue;
    Violation violation;
    violation.field = absl::StrCat("conditions[", i, "].after");
    violation.message = absl::StrCat("is ", after.value, "; the log ends at ", head.value);
    details.violations.push_back(std::move(violation));
  }
  if (details.violations.empty()) return absl::OkStatus();
  details.metadata = {{"head", absl::StrCat(head.value)}};
  const Violation& first = details.violations.front();
  return MakeError(absl::StrCat(first.field, " ", first.message), details);
}

}  // namespace nexus::engine
