#include "rpc/status.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "nexus/core/errors.h"

namespace nexus::rpc {
namespace {

// gRPC clients accept 8 KiB of trailers by default; the message travels twice.
constexpr size_t kDetailBytesMax = 5'000;
constexpr size_t kMessageBytesMax = 1'000;

absl::StatusCode WireCode(const ErrorDetails& details, absl::StatusCode code) {
  if (details.reason == ErrorReason::kRevisionConflict ||
      details.reason == ErrorReason::kAppendConditionFailed) {
    return absl::StatusCode::kFailedPrecondition;
  }
  return code;
}

std::string Cut(absl::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  // Not in the middle of a character: protobuf refuses broken UTF-8 in a string.
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0) == 0x80) --bytes_max;
  return absl::StrCat(text.substr(0, bytes_max), "...");
}

std::string Describe(const Violation& v) {
  std::string text = v.message;
  if (!v.keyword.empty()) {
    text = absl::StrCat("at \"", v.pointer, "\": ", v.keyword, ": ", v.message);
    if (!v.expected.empty()) absl::StrAppend(&text, "; expected ", v.expected);
    if (!v.actual.empty()) absl::StrAppend(&text, "; actual ", v.actual);
  }
  return Cut(text, 400);
}

std::string ActualText(const FailedExpectation& failed) {
  return failed.actual.has_value() ? absl::StrCat(failed.actual->value) : "no_stream";
}

void AddExpectation(const FailedExpectation& failed, google::rpc::PreconditionFailure& out) {
  auto* violation = out.add_violations();
  violation->set_type("EXPECTED_REVISION");
  violation->set_subject(failed.stream);
  violation->set_description(
      absl::StrCat("expected=", failed.expected.ToString(), " actual=", ActualText(failed)));
}

void AddCondition(const FailedCondition& failed, google::rpc::PreconditionFailure& out) {
  auto* violation = out.add_violations();
  violation->set_type("APPEND_CONDITION");
  violation->set_subject(absl::StrCat("conditions[", failed.index, "]"));
  violation->set_description(absl::StrCat("position=", failed.position.value));
}

void AddTakenId(const TakenEventId& taken, google::rpc::PreconditionFailure& out) {
  auto* violation = out.add_violations();
  violation->set_type("EVENT_ID");
  violation->set_subject(taken.stream);
  violation->set_description(
      absl::StrCat("event_id=", taken.id.ToString(), " revision=", taken.revision.value));
}

void AddDenial(const PolicyDenial& denial, google::rpc::PreconditionFailure& out) {
  auto* violation = out.add_violations();
  violation->set_type("POLICY");
  violation->set_subject(Cut(denial.rule, 200));
  violation->set_description(Cut(denial.message, 400));
}

// Packs the details one by one, as long as they fit.
class Packer {
 public:
  explicit Packer(google::rpc::Status& status) : status_(status) {}

  void AddBadRequest(const ErrorDetails& details, google::rpc::ErrorInfo& info) {
    google::rpc::BadRequest request;
    size_t bytes = 0;
    int left_out = 0;
    for (const Violation& v : details.violations) {
      google::rpc::BadRequest::FieldViolation field;
      field.set_field(Cut(
          v.keyword.empty() && v.pointer.empty() ? v.field : absl::StrCat(v.field, "#", v.pointer),
          300));
      field.set_description(Describe(v));
      bytes += field.ByteSizeLong() + 4;
      if (bytes > kDetailBytesMax) {
        ++left_out;
        continue;
      }
      *request.add_field_violations() = std::move(field);
    }
    if (left_out > 0) (*info.mutable_metadata())["violations_left_out"] = absl::StrCat(left_out);
    if (request.field_violations_size() > 0) status_.add_details()->PackFrom(request);
  }

  void AddPreconditions(const ErrorDetails& details, google::rpc::ErrorInfo& info) {
    google::rpc::PreconditionFailure failure;
    int left_out = 0;
    const auto fits = [&] { return failure.ByteSizeLong() < kDetailBytesMax; };
    // What names the reason comes first: it must fit.
    for (const TakenEventId& taken : details.taken_event_ids) {
      fits() ? AddTakenId(taken, failure) : void(++left_out);
    }
    for (const FailedExpectation& failed : details.failed_expectations) {
      fits() ? AddExpectation(failed, failure) : void(++left_out);
    }
    for (const FailedCondition& failed : details.failed_conditions) {
      fits() ? AddCondition(failed, failure) : void(++left_out);
    }
    for (const PolicyDenial& denial : details.denials) {
      fits() ? AddDenial(denial, failure) : void(++left_out);
    }
    if (left_out > 0) (*info.mutable_metadata())["violations_left_out"] = absl::StrCat(left_out);
    if (failure.violations_size() > 0) status_.add_details()->PackFrom(failure);
  }

  void AddRetry(const ErrorDetails& details) {
    if (!details.retry_after.has_value()) return;
    google::rpc::RetryInfo retry;
    const int64_t nanos = absl::ToInt64Nanoseconds(*details.retry_after);
    retry.mutable_retry_delay()->set_seconds(nanos / 1'000'000'000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
    status_.add_details()->PackFrom(retry);
  }

 private:
  google::rpc::Status& status_;
};

}  // namespace

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status out;
  if (status.ok()) return out;
  const ErrorDetails details = DetailsOf(status);
  out.set_code(static_cast<int>(WireCode(details, status.code())));
  out.set_message(Cut(status.message(), kMessageBytesMax));

  google::rpc::ErrorInfo info;
  const absl::string_view reason = ReasonName(details.reason);
  info.set_reason(std::string(reason));
  info.set_domain(kErrorDomain);
  for (const auto& [key, value] : details.metadata) {
    (*info.mutable_metadata())[key] = Cut(value, 400);
  }
  Packer packer(out);
  packer.AddBadRequest(details, info);
  packer.AddPreconditions(details, info);
  packer.AddRetry(details);
  out.add_details()->PackFrom(info);
  return out;
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status rich = ToRpcStatus(status);
  return grpc::Status(static_cast<grpc::StatusCode>(rich.code()), rich.message(),
                      rich.SerializeAsString());
}

void FillAppendError(const absl::Status& status, v1::AppendError& error) {
  const google::rpc::Status rich = ToRpcStatus(status);
  error.set_code(rich.code());
  error.set_message(rich.message());
  const absl::string_view reason = ReasonName(ReasonOf(status));
  error.set_reason(std::string(reason));
  error.set_status(rich.SerializeAsString());
}

}  // namespace nexus::rpc
