#pragma once

// What makes a state of events: an aggregate's code, or the merging of their data.
//
// Belongs to one thread.

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "nexus/core/event.h"
#include "temporal/past_query.h"

namespace nexus::temporal {

class PastFold {
 public:
  virtual ~PastFold() = default;

  // The state before the first event.
  virtual absl::Status Begin() = 0;
  // What State() gave, as the state again.
  virtual absl::Status Restore(absl::string_view state) = 0;
  // In the latest version of their schemas. After an error Begin() or Restore() comes first.
  virtual absl::Status Fold(absl::Span<const RecordedEvent> events) = 0;
  // One JSON value.
  virtual absl::StatusOr<std::string> State() = 0;

  // aggregate, code_digest, events_left_out.
  virtual FoldFacts Facts() const = 0;
};

}  // namespace nexus::temporal
