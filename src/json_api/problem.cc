#include "json_api/problem.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "http/guard/guard.h"
#include "nexus/core/json_text.h"

namespace nexus::json_api {
namespace {

void AppendViolations(const ErrorDetails& details, std::string& body) {
  if (details.violations.empty()) return;
  absl::StrAppend(&body, ",\"violations\":[");
  for (size_t i = 0; i < details.violations.size(); ++i) {
    const Violation& violation = details.violations[i];
    absl::StrAppend(&body, i == 0 ? "" : ",", "{\"field\":", JsonString(violation.field),
                    ",\"pointer\":", JsonString(violation.pointer),
                    ",\"keyword\":", JsonString(violation.keyword),
                    ",\"message\":", JsonString(violation.message), "}");
  }
  body.push_back(']');
}

void AppendDenials(const ErrorDetails& details, std::string& body) {
  if (details.denials.empty()) return;
  absl::StrAppend(&body, ",\"denials\":[");
  for (size_t i = 0; i < details.denials.size(); ++i) {
    absl::StrAppend(&body, i == 0 ? "" : ",", "{\"rule\":", JsonString(details.denials[i].rule),
                    ",\"message\":", JsonString(details.denials[i].message), "}");
  }
  body.push_back(']');
}

}  // namespace

int HttpStatusOf(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kUnauthenticated:
      return 401;
    case ErrorReason::kAccessDenied:
    case ErrorReason::kPolicyDenied:
      return 403;
    case ErrorReason::kRevisionConflict:
    case ErrorReason::kAppendConditionFailed:
    case ErrorReason::kIdReused:
    case ErrorReason::kEventIdTaken:
      return 409;
    case ErrorReason::kCommandRejected:
    case ErrorReason::kSchemaViolation:
    case ErrorReason::kUndeclaredField:
    case ErrorReason::kSchemaNotRegistered:
      return 422;
    case ErrorReason::kRateLimited:
      return 429;
    default:
      break;
  }
  switch (CodeOf(reason)) {
    case absl::StatusCode::kInvalidArgument:
      return 400;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    case absl::StatusCode::kUnimplemented:
      return 501;
    default:
      return 500;
  }
}

http::Response ProblemOf(const absl::Status& status) {
  const ErrorDetails details = DetailsOf(status);
  http::Response response;
  response.status = HttpStatusOf(details.reason);
  response.content_type = "application/problem+json";
  const std::string reason(ReasonName(details.reason));
  response.body = absl::StrCat("{\"type\":", JsonString(absl::StrCat("urn:nexus:error:", reason)),
                               ",\"title\":", JsonString(reason), ",\"status\":", response.status,
                               ",\"detail\":", JsonString(status.message()),
                               ",\"reason\":", JsonString(reason));
  if (!details.metadata.empty()) {
    absl::StrAppend(&response.body, ",\"metadata\":{");
    for (size_t i = 0; i < details.metadata.size(); ++i) {
      absl::StrAppend(&response.body, i == 0 ? "" : ",", JsonString(details.metadata[i].first), ":",
                      JsonString(details.metadata[i].second));
    }
    response.body.push_back('}');
  }
  AppendViolations(details, response.body);
  AppendDenials(details, response.body);
  response.body.append("}\n");
  http::AddRefusalHeaders(status, response);
  return response;
}

}  // namespace nexus::json_api
