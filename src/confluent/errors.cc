#include "confluent/errors.h"

#include "absl/strings/str_cat.h"
#include "confluent/bodies.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"

namespace nexus::confluent {
namespace {

ErrorCode CodeFor(ErrorReason reason, ErrorCode not_found) {
  switch (reason) {
    case ErrorReason::kNotFound:
      return not_found;
    case ErrorReason::kUnauthenticated:
      return ErrorCode::kUnauthorized;
    case ErrorReason::kPolicyDenied:
    case ErrorReason::kAccessDenied:
      return ErrorCode::kForbidden;
    case ErrorReason::kSchemaIncompatible:
      return ErrorCode::kIncompatible;
    case ErrorReason::kSchemaInvalid:
    case ErrorReason::kMalformedJson:
    case ErrorReason::kMalformedRequest:
    case ErrorReason::kUnimplemented:
    case ErrorReason::kInvalidUtf8:
      return ErrorCode::kInvalidSchema;
    case ErrorReason::kRegistryReadOnly:
      return ErrorCode::kNotPermitted;
    case ErrorReason::kSchemaInUse:
      return ErrorCode::kReferenceExists;
    case ErrorReason::kSchemaIdTaken:
      return ErrorCode::kIdMismatch;
    case ErrorReason::kMalformedName:
    case ErrorReason::kReservedName:
      return ErrorCode::kInvalidSubject;
    case ErrorReason::kLimitExceeded:
      return ErrorCode::kTooLarge;
    case ErrorReason::kOverloaded:
    case ErrorReason::kRateLimited:
      return ErrorCode::kTooManyRequests;
    case ErrorReason::kDeadlineExceeded:
    case ErrorReason::kOutcomeUnknown:
      return ErrorCode::kTimeout;
    default:
      return ErrorCode::kStore;
  }
}

// Incompatible versions are told finding by finding, as clients print the message only.
std::string MessageOf(const absl::Status& status) {
  std::string text(status.message());
  const ErrorDetails details = DetailsOf(status);
  if (details.reason != ErrorReason::kSchemaIncompatible) return text;
  absl::StrAppend(&text, "; details: [");
  for (const Violation& violation : details.violations) {
    if (&violation != &details.violations.front()) absl::StrAppend(&text, ", ");
    absl::StrAppend(&text, "{errorType:'", violation.keyword, "', description:'", violation.message,
                    "', path:'", violation.pointer, "'}");
  }
  return text + "]";
}

}  // namespace

http::Response Failure(ErrorCode code, absl::string_view message) {
  int status = static_cast<int>(code);
  while (status > 999) status /= 10;
  http::Response response;
  response.status = status;
  response.content_type = kContentType;
  response.body = absl::StrCat("{\"error_code\":", static_cast<int>(code),
                               ",\"message\":", JsonString(message), "}");
  return response;
}

http::Response FailureOf(const absl::Status& status, ErrorCode not_found) {
  return Failure(CodeFor(ReasonOf(status), not_found), MessageOf(status));
}

}  // namespace nexus::confluent
