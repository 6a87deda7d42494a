#pragma once

// The state that an aggregate's code makes of its events.

#include <string>
#include <utility>

#include "command/aggregate_code.h"
#include "temporal/past_fold.h"

namespace nexus::temporal {

class CodeFold final : public PastFold {
 public:
  // Of the thread of `code`, which must outlive it. `digest` is of all that folds.
  CodeFold(command::AggregateCode& code, std::string digest)
      : code_(code), digest_(std::move(digest)) {}

  absl::Status Begin() override;
  absl::Status Restore(absl::string_view state) override;
  absl::Status Fold(absl::Span<const RecordedEvent> events) override;
  absl::StatusOr<std::string> State() override { return code_.StateJson(*state_); }
  FoldFacts Facts() const override;

 private:
  command::AggregateCode& code_;
  const std::string digest_;
  command::StateValue state_;
};

}  // namespace nexus::temporal
