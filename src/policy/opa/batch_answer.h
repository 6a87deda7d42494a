#pragma once

// Reads what OPA answered to a batch. Pure.

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/port/policy_decider.h"

namespace nexus::policy {

struct BatchAnswer {
  // False if the answer has no `result`: the module nexus.batch is not loaded.
  bool has_result = false;
  std::string revision;  // of the bundles, from `provenance`; "unversioned" without bundles
  // One for each item, by index. An item that is undefined or has another shape is an error,
  // POLICY_UNAVAILABLE; the others stand.
  std::vector<absl::StatusOr<PolicyAnswer>> answers;
};

// Of the body of a response with code 200 to a batch of `items`. POLICY_UNAVAILABLE
// (malformed_answer) if it is not JSON or not an answer at all.
absl::StatusOr<BatchAnswer> ParseBatchAnswer(absl::string_view body, size_t items);

// The error document that OPA sends with 400 and 500: {"code": "internal_error", "message": ...,
// "errors": [...]}. Empty if `body` is something else: then who answered was not a healthy OPA.
std::string ParseEngineError(absl::string_view body);

}  // namespace nexus::policy
