#include "temporal/merge_fold.h"

#include "nexus/core/media_type.h"

namespace nexus::temporal {

absl::Status MergeFold::Begin() {
  tree_ = MergeTree();
  return absl::OkStatus();
}

absl::Status MergeFold::Restore(absl::string_view state) {
  tree_ = MergeTree();
  return tree_.Merge(state, json_);
}

absl::Status MergeFold::Fold(absl::Span<const RecordedEvent> events) {
  for (const RecordedEvent& event : events) {
    if (!IsJsonMediaType(event.content_type) || !tree_.Merge(event.data, json_).ok()) ++left_out_;
  }
  return absl::OkStatus();
}

FoldFacts MergeFold::Facts() const {
  FoldFacts facts;
  facts.events_left_out = left_out_;
  return facts;
}

}  // namespace nexus::temporal
