#include "policy/failure.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "nexus/core/errors.h"

namespace nexus::policy {

absl::Status Undecided(absl::string_view cause, absl::string_view detail) {
  ErrorDetails details;
  details.reason = ErrorReason::kPolicyUnavailable;
  details.metadata.emplace_back("policy_failure", std::string(cause));
  // A policy that is undefined for an input stays so; the others may pass.
  if (cause != kUndefined && cause != kMalformedAnswer && cause != kMalformedQuestion) {
    details.retry_after = absl::Milliseconds(100);
  }
  return MakeError(absl::StrCat("the policy could not be asked: ", detail), details);
}

}  // namespace nexus::policy
