#include "cli/exit_code.h"

#include "absl/strings/cord.h"
#include "nexus/core/errors.h"

namespace nexus::cli {
namespace {

constexpr char kUsageUrl[] = "nexusctl/usage";

}  // namespace

absl::Status UsageError(absl::string_view message) {
  absl::Status status = absl::InvalidArgumentError(message);
  status.SetPayload(kUsageUrl, absl::Cord());
  return status;
}

bool IsUsageError(const absl::Status& status) { return status.GetPayload(kUsageUrl).has_value(); }

ExitCode ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return ExitCode::kOk;
  if (IsUsageError(status)) return ExitCode::kUsage;
  switch (ReasonOf(status)) {
    case ErrorReason::kNotFound:
    case ErrorReason::kCommandNotDeclared:
    case ErrorReason::kStreamNotFound:
      return ExitCode::kNotFound;
    case ErrorReason::kRevisionConflict:
    case ErrorReason::kAppendConditionFailed:
    case ErrorReason::kIdReused:
    case ErrorReason::kEventIdTaken:
      return ExitCode::kConflict;
    case ErrorReason::kPolicyDenied:
    case ErrorReason::kCommandRejected:
    case ErrorReason::kSchemaViolation:
    case ErrorReason::kUndeclaredField:
    case ErrorReason::kSchemaNotRegistered:
    case ErrorReason::kSchemaInvalid:
    case ErrorReason::kSchemaIncompatible:
      return ExitCode::kViolation;
    case ErrorReason::kUnauthenticated:
    case ErrorReason::kAccessDenied:
      return ExitCode::kAuthentication;
    case ErrorReason::kNotReady:
    case ErrorReason::kHandlerUnavailable:
    case ErrorReason::kOutcomeUnknown:
    case ErrorReason::kOverloaded:
    case ErrorReason::kRateLimited:
    case ErrorReason::kDraining:
    case ErrorReason::kDeadlineExceeded:
    case ErrorReason::kPolicyUnavailable:
    case ErrorReason::kPositionBeyondHead:
      return ExitCode::kUnavailable;
    case ErrorReason::kCancelled:
      return ExitCode::kInterrupted;
    default:
      return ExitCode::kFailure;
  }
}

}  // namespace nexus::cli
