#pragma once

// The state of a stream for which no aggregate is declared: the data of its events, merged one into
// the other. Events whose data are no JSON object are left out, and counted.

#include "nexus/port/json_reader.h"
#include "temporal/merge_tree.h"
#include "temporal/past_fold.h"

namespace nexus::temporal {

class MergeFold final : public PastFold {
 public:
  // `json` must outlive it.
  explicit MergeFold(JsonReader& json) : json_(json) {}

  absl::Status Begin() override;
  absl::Status Restore(absl::string_view state) override;
  absl::Status Fold(absl::Span<const RecordedEvent> events) override;
  absl::StatusOr<std::string> State() override { return tree_.ToJson(); }
  FoldFacts Facts() const override;

 private:
  JsonReader& json_;
  MergeTree tree_;
  uint64_t left_out_ = 0;
};

}  // namespace nexus::temporal
