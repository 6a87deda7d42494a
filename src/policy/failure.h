#pragma once

// What a caller gets when a question could not be decided: POLICY_UNAVAILABLE, with the cause as a
// stable word in the metadata under "policy_failure".

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nexus::policy {

// Words for `cause`.
inline constexpr absl::string_view kTimeout = "timeout";
inline constexpr absl::string_view kUndefined = "undefined";
inline constexpr absl::string_view kMalformedAnswer = "malformed_answer";
inline constexpr absl::string_view kEngineError = "engine_error";  // it said that it failed
inline constexpr absl::string_view kUnreachable = "unreachable";   // no or a broken connection
inline constexpr absl::string_view kCircuitOpen = "circuit_open";  // failed at once, after failures
inline constexpr absl::string_view kQueueFull = "queue_full";
inline constexpr absl::string_view kMalformedQuestion = "malformed_question";
inline constexpr absl::string_view kStopped = "stopped";
inline constexpr absl::string_view kNoPolicies = "no_policies";  // none were loaded yet

absl::Status Undecided(absl::string_view cause, absl::string_view detail);

}  // namespace nexus::policy
