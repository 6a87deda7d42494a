#include "client/status.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "google/rpc/error_details.pb.h"
#include "nexus/core/errors.h"
#include "nexus/v1/errors.pb.h"

namespace nexus::client {
namespace {

constexpr char kDomain[] = "nexus";

ErrorReason ParseReason(const std::string& name) {
  v1::ErrorReason reason;
  if (!v1::ErrorReason_Parse(absl::StrCat("ERROR_REASON_", name), &reason)) {
    return ErrorReason::kUnspecified;
  }
  return static_cast<ErrorReason>(reason);
}

// Takes what follows the last `marker` off the end of `text`.
std::string TakeTail(absl::string_view& text, absl::string_view marker) {
  const size_t at = text.rfind(marker);
  if (at == absl::string_view::npos) return "";
  std::string tail(text.substr(at + marker.size()));
  text = text.substr(0, at);
  return tail;
}

// rpc/status writes "field#pointer" and `at "pointer": keyword: message; expected E; actual A`.
Violation ToViolation(const google::rpc::BadRequest::FieldViolation& field) {
  Violation v;
  const size_t hash = field.field().find('#');
  v.field = field.field().substr(0, hash);
  v.message = field.description();
  if (hash == std::string::npos) return v;
  v.pointer = field.field().substr(hash + 1);
  absl::string_view text = field.description();
  if (!absl::ConsumePrefix(&text, absl::StrCat("at \"", v.pointer, "\": "))) return v;
  v.actual = TakeTail(text, "; actual ");
  v.expected = TakeTail(text, "; expected ");
  const size_t colon = text.find(": ");
  if (colon != absl::string_view::npos) {
    v.keyword = std::string(text.substr(0, colon));
    text.remove_prefix(colon + 2);
  }
  v.message = std::string(text);
  return v;
}

ExpectedRevision ToExpected(absl::string_view text) {
  uint64_t exact = 0;
  if (text == "no_stream") return ExpectedRevision::NoStream();
  if (text == "stream_exists") return ExpectedRevision::StreamExists();
  if (absl::SimpleAtoi(text, &exact)) return ExpectedRevision::Exactly(exact);
  return ExpectedRevision::Any();
}

// "expected=3 actual=5"
FailedExpectation ToExpectation(const google::rpc::PreconditionFailure::Violation& violation) {
  FailedExpectation failed;
  failed.stream = violation.subject();
  absl::string_view text = violation.description();
  const std::string actual = TakeTail(text, " actual=");
  absl::ConsumePrefix(&text, "expected=");
  failed.expected = ToExpected(text);
  uint64_t revision = 0;
  if (absl::SimpleAtoi(actual, &revision)) failed.actual = Revision(revision);
  return failed;
}

// "conditions[2]", "position=17"
FailedCondition ToCondition(const google::rpc::PreconditionFailure::Violation& violation) {
  FailedCondition failed;
  absl::string_view index = violation.subject();
  absl::ConsumePrefix(&index, "conditions[");
  absl::ConsumeSuffix(&index, "]");
  absl::string_view position = violation.description();
  absl::ConsumePrefix(&position, "position=");
  if (!absl::SimpleAtoi(index, &failed.index)) failed.index = 0;
  if (!absl::SimpleAtoi(position, &failed.position.value)) failed.position = Position();
  return failed;
}

// "event_id=... revision=3"
TakenEventId ToTakenId(const google::rpc::PreconditionFailure::Violation& violation) {
  TakenEventId taken;
  taken.stream = violation.subject();
  absl::string_view text = violation.description();
  const std::string revision = TakeTail(text, " revision=");
  absl::ConsumePrefix(&text, "event_id=");
  if (const absl::StatusOr<EventId> id = EventId::Parse(text); id.ok()) taken.id = *id;
  if (!absl::SimpleAtoi(revision, &taken.revision.value)) taken.revision = Revision();
  return taken;
}

void TakePreconditions(const google::rpc::PreconditionFailure& failure, ErrorDetails& details) {
  for (const auto& violation : failure.violations()) {
    if (violation.type() == "EXPECTED_REVISION") {
      details.failed_expectations.push_back(ToExpectation(violation));
    } else if (violation.type() == "APPEND_CONDITION") {
      details.failed_conditions.push_back(ToCondition(violation));
    } else if (violation.type() == "EVENT_ID") {
      details.taken_event_ids.push_back(ToTakenId(violation));
    } else {
      details.denials.push_back({violation.subject(), violation.description()});
    }
  }
}

// Reads every detail; gives the reason's name, empty without ErrorInfo.
std::string TakeDetails(const google::rpc::Status& status, ErrorDetails& details) {
  std::string name;
  for (const auto& any : status.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest request;
    google::rpc::PreconditionFailure failure;
    google::rpc::RetryInfo retry;
    if (any.UnpackTo(&info) && info.domain() == kDomain) {
      name = info.reason();
      for (const auto& [key, value] : info.metadata()) details.metadata.emplace_back(key, value);
    } else if (any.UnpackTo(&request)) {
      for (const auto& field : request.field_violations()) {
        details.violations.push_back(ToViolation(field));
      }
    } else if (any.UnpackTo(&failure)) {
      TakePreconditions(failure, details);
    } else if (any.UnpackTo(&retry)) {
      details.retry_after = absl::Seconds(retry.retry_delay().seconds()) +
                            absl::Nanoseconds(retry.retry_delay().nanos());
    }
  }
  return name;
}

// gRPC says this only where no byte of the call has left.
bool NeverConnected(const grpc::Status& status) {
  const std::string message = absl::AsciiStrToLower(status.error_message());
  return absl::StrContains(message, "failed to connect") ||
         absl::StrContains(message, "dns resolution failed") ||
         absl::StrContains(message, "connections to all backends failing");
}

absl::Status FromPlain(const grpc::Status& status, bool append) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      return MakeError(
          append && !NeverConnected(status) ? ErrorReason::kOutcomeUnknown : ErrorReason::kNotReady,
          status.error_message());
    case grpc::StatusCode::UNAUTHENTICATED:
      return MakeError(ErrorReason::kUnauthenticated, status.error_message());
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return MakeError(
          ErrorReason::kDeadlineExceeded,
          append ? "no answer in time; the commit may or may not be stored" : "no answer in time");
    case grpc::StatusCode::CANCELLED:
      // No append of this client is cancelled: a server that was stopping ended it.
      return MakeError(append ? ErrorReason::kOutcomeUnknown : ErrorReason::kCancelled,
                       "the call was cancelled");
    case grpc::StatusCode::UNIMPLEMENTED:
      return MakeError(ErrorReason::kUnimplemented, status.error_message());
    default:
      return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                          status.error_message());
  }
}

absl::Status Decode(const grpc::Status& status, bool append) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status rich;
  if (rich.ParseFromString(status.error_details()) && rich.details_size() > 0) {
    return FromRpcStatus(rich);
  }
  return FromPlain(status, append);
}

}  // namespace

absl::Status FromRpcStatus(const google::rpc::Status& status) {
  if (status.code() == 0) return absl::OkStatus();
  ErrorDetails details;
  const std::string name = TakeDetails(status, details);
  details.reason = ParseReason(name);
  if (details.reason == ErrorReason::kUnspecified) {
    return absl::Status(
        static_cast<absl::StatusCode>(status.code()),
        name.empty() ? status.message() : absl::StrCat(name, ": ", status.message()));
  }
  return MakeError(status.message(), details);
}

absl::Status FromGrpc(const grpc::Status& status) { return Decode(status, false); }

absl::Status FromGrpcAppend(const grpc::Status& status) { return Decode(status, true); }

}  // namespace nexus::client
