#pragma once

// Every error that a client can see: a stable reason, a status code, and typed details.
//
// This is the only place that picks a status code. Inside Nexus an error is an absl::Status with an
// ErrorDetails payload; src/rpc translates it to google.rpc.Status. The reasons are the same names
// and numbers as nexus.v1.ErrorReason (a test compares them).
//
// Codes: kAborted = another writer was first, read and decide again; kUnavailable = retry this
// call; kFailedPrecondition = do not retry before something else has changed.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nexus/core/commit.h"

namespace nexus {

enum class ErrorReason : int {
  kUnspecified = 0,
  // The request itself is wrong: mend it.
  kMalformedRequest = 1,
  kMalformedId = 2,
  kMalformedName = 3,
  kReservedName = 4,
  kEmptyCommit = 5,
  kDuplicateEventId = 6,
  kLimitExceeded = 7,
  kInvalidUtf8 = 8,
  kMalformedJson = 9,
  kMalformedPageToken = 10,
  kMalformedFrame = 11,
  // Governance said no.
  kSchemaNotRegistered = 20,
  kSchemaViolation = 21,
  kSchemaInvalid = 22,
  kSchemaIncompatible = 23,
  kPolicyDenied = 24,
  kPolicyUnavailable = 25,
  kUnauthenticated = 26,
  kSchemaInUse = 27,
  kSchemaNotDeleted = 28,
  kSchemaIdTaken = 29,
  kRegistryReadOnly = 30,
  kUndeclaredField = 31,
  kCommandNotDeclared = 32,
  kCommandRejected = 33,
  kAccessDenied = 34,
  kRateLimited = 35,
  kDomainCodeFailed = 36,
  // The log said no.
  kRevisionConflict = 40,
  kIdReused = 41,
  kStreamNotFound = 42,
  kPositionBeyondHead = 43,
  kAppendConditionFailed = 44,
  kEventIdTaken = 45,
  // The server cannot, now.
  kNotReady = 60,
  kOutcomeUnknown = 61,
  kOverloaded = 62,
  kDiskFull = 63,
  kDraining = 64,
  kDeadlineExceeded = 65,
  kCancelled = 66,
  kHandlerUnavailable = 67,
  // The server is broken or its data is.
  kDataLoss = 80,
  kInternal = 81,
  kUnsupportedFormat = 82,
  kDataFolderLocked = 83,
  kConfigurationInvalid = 84,
  kNotFound = 85,
  kUnimplemented = 86,
};

// "REVISION_CONFLICT" and so on: the wire form.
absl::string_view ReasonName(ErrorReason reason);

// One thing that is wrong with the request. For schema violations `field` is
// "commit.events[i].data" and the rest says where inside it.
struct Violation {
  std::string field;    // path in the request
  std::string pointer;  // JSON pointer into the event's data; empty: the document
  std::string keyword;  // JSON Schema keyword, or empty
  std::string expected;
  std::string actual;
  std::string message;  // one sentence

  friend bool operator==(const Violation&, const Violation&) = default;
};

struct PolicyDenial {
  std::string rule;
  std::string message;

  friend bool operator==(const PolicyDenial&, const PolicyDenial&) = default;
};

struct ErrorDetails {
  ErrorReason reason = ErrorReason::kUnspecified;
  std::vector<std::pair<std::string, std::string>> metadata;  // dynamic values of the message
  std::vector<Violation> violations;
  std::vector<FailedExpectation> failed_expectations;
  std::vector<FailedCondition> failed_conditions = {};
  std::vector<TakenEventId> taken_event_ids = {};
  std::vector<PolicyDenial> denials;
  std::optional<absl::Duration> retry_after;
};

// A status whose code follows from the reason.
absl::Status MakeError(ErrorReason reason, absl::string_view message);
// With when to try again (RetryInfo).
absl::Status MakeError(ErrorReason reason, absl::string_view message, absl::Duration retry_after);
absl::Status MakeError(absl::string_view message, const ErrorDetails& details);

// The details of a status made here; for any other non-OK status just a reason that fits its code.
ErrorDetails DetailsOf(const absl::Status& status);
ErrorReason ReasonOf(const absl::Status& status);
absl::StatusCode CodeOf(ErrorReason reason);

}  // namespace nexus
