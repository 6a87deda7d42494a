#include "nexus/core/errors.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/strings/cord.h"

namespace nexus {
namespace {

constexpr char kPayloadUrl[] = "nexus/ErrorDetails";

struct ReasonRow {
  ErrorReason reason;
  absl::string_view name;
  absl::StatusCode code;
};

using Code = absl::StatusCode;

constexpr std::array kReasons = {
    ReasonRow{ErrorReason::kUnspecified, "UNSPECIFIED", Code::kUnknown},
    ReasonRow{ErrorReason::kMalformedRequest, "MALFORMED_REQUEST", Code::kInvalidArgument},
    ReasonRow{ErrorReason::kMalformedId, "MALFORMED_ID", Code::kInvalidArgument},
    ReasonRow{ErrorReason::kMalformedName, "MALFORMED_NAME", Code::kInvalidArgument},
    ReasonRow{ErrorReason::kReservedName, "RESERVED_NAME", Code::kInvalidArgument},
    ReasonRow{ErrorReason::kEmptyCommit, "EMPTY_COMMIT", Code::kInvalidArgument},
    ReasonRow{ErrorReason::kDuplicateEventId, "DUPLICATE_EVENT_ID", Code::kInvalidArgument},
    ReasonRow{ErrorReason::kLimitExceeded, "LIMIT_EXCEEDED", Code::kInvalidArgument},
    ReasonRow{ErrorReason::kInvalidUtf8, "INVALID_UTF8", Code::kInvalidArgument},
    ReasonRow{ErrorReason::kMalformedJson, "MALFORMED_JSON", Code::kInvalidArgument},
    ReasonRow{ErrorReason::kMalformedPageToken, "MALFORMED_PAGE_TOKEN", Code::kInvalidArgument},
    ReasonRow{ErrorReason::kMalformedFrame, "MALFORMED_FRAME", Code::kInvalidArgument},
    ReasonRow{ErrorReason::kSchemaNotRegistered, "SCHEMA_NOT_REGISTERED",
              Code::kFailedPrecondition},
    ReasonRow{ErrorReason::kSchemaViolation, "SCHEMA_VIOLATION", Code::kInvalidArgument},
    ReasonRow{ErrorReason::kSchemaInvalid, "SCHEMA_INVALID", Code::kInvalidArgument},
    ReasonRow{ErrorReason::kSchemaIncompatible, "SCHEMA_INCOMPATIBLE", Code::kFailedPrecondition},
    ReasonRow{ErrorReason::kPolicyDenied, "POLICY_DENIED", Code::kPermissionDenied},
    ReasonRow{ErrorReason::kPolicyUnavailable, "POLICY_UNAVAILABLE", Code::kUnavailable},
    ReasonRow{ErrorReason::kUnauthenticated, "UNAUTHENTICATED", Code::kUnauthenticated},
    ReasonRow{ErrorReason::kSchemaInUse, "SCHEMA_IN_USE", Code::kFailedPrecondition},
    ReasonRow{ErrorReason::kSchemaNotDeleted, "SCHEMA_NOT_DELETED", Code::kFailedPrecondition},
    ReasonRow{ErrorReason::kSchemaIdTaken, "SCHEMA_ID_TAKEN", Code::kAlreadyExists},
    ReasonRow{ErrorReason::kRegistryReadOnly, "REGISTRY_READ_ONLY", Code::kFailedPrecondition},
    ReasonRow{ErrorReason::kUndeclaredField, "UNDECLARED_FIELD", Code::kInvalidArgument},
    ReasonRow{ErrorReason::kCommandNotDeclared, "COMMAND_NOT_DECLARED", Code::kNotFound},
    ReasonRow{ErrorReason::kCommandRejected, "COMMAND_REJECTED", Code::kFailedPrecondition},
    ReasonRow{ErrorReason::kAccessDenied, "ACCESS_DENIED", Code::kPermissionDenied},
    ReasonRow{ErrorReason::kRateLimited, "RATE_LIMITED", Code::kResourceExhausted},
    ReasonRow{ErrorReason::kDomainCodeFailed, "DOMAIN_CODE_FAILED", Code::kFailedPrecondition},
    // On the wire FAILED_PRECONDITION (src/rpc translates): there, ABORTED invites blind retries.
    ReasonRow{ErrorReason::kRevisionConflict, "REVISION_CONFLICT", Code::kAborted},
    ReasonRow{ErrorReason::kIdReused, "ID_REUSED", Code::kAlreadyExists},
    ReasonRow{ErrorReason::kStreamNotFound, "STREAM_NOT_FOUND", Code::kNotFound},
    ReasonRow{ErrorReason::kPositionBeyondHead, "POSITION_BEYOND_HEAD", Code::kOutOfRange},
    ReasonRow{ErrorReason::kAppendConditionFailed, "APPEND_CONDITION_FAILED", Code::kAborted},
    ReasonRow{ErrorReason::kEventIdTaken, "EVENT_ID_TAKEN", Code::kAlreadyExists},
    ReasonRow{ErrorReason::kNotReady, "NOT_READY", Code::kUnavailable},
    ReasonRow{ErrorReason::kOutcomeUnknown, "OUTCOME_UNKNOWN", Code::kUnavailable},
    ReasonRow{ErrorReason::kOverloaded, "OVERLOADED", Code::kResourceExhausted},
    ReasonRow{ErrorReason::kDiskFull, "DISK_FULL", Code::kResourceExhausted},
    ReasonRow{ErrorReason::kDraining, "DRAINING", Code::kUnavailable},
    ReasonRow{ErrorReason::kDeadlineExceeded, "DEADLINE_EXCEEDED", Code::kDeadlineExceeded},
    ReasonRow{ErrorReason::kCancelled, "CANCELLED", Code::kCancelled},
    ReasonRow{ErrorReason::kHandlerUnavailable, "HANDLER_UNAVAILABLE", Code::kUnavailable},
    ReasonRow{ErrorReason::kDataLoss, "DATA_LOSS", Code::kDataLoss},
    ReasonRow{ErrorReason::kInternal, "INTERNAL", Code::kInternal},
    ReasonRow{ErrorReason::kUnsupportedFormat, "UNSUPPORTED_FORMAT", Code::kFailedPrecondition},
    ReasonRow{ErrorReason::kDataFolderLocked, "DATA_FOLDER_LOCKED", Code::kFailedPrecondition},
    ReasonRow{ErrorReason::kConfigurationInvalid, "CONFIGURATION_INVALID", Code::kInvalidArgument},
    ReasonRow{ErrorReason::kNotFound, "NOT_FOUND", Code::kNotFound},
    ReasonRow{ErrorReason::kUnimplemented, "UNIMPLEMENTED", Code::kUnimplemented},
};

const ReasonRow& RowOf(ErrorReason reason) {
  for (const ReasonRow& row : kReasons) {
    if (row.reason == reason) return row;
  }
  return kReasons[0];
}

ErrorReason ReasonForCode(absl::StatusCode code) {
  switch (code) {
    case Code::kInvalidArgument:
      return ErrorReason::kMalformedRequest;
    case Code::kNotFound:
      return ErrorReason::kNotFound;
    case Code::kDeadlineExceeded:
      return ErrorReason::kDeadlineExceeded;
    case Code::kCancelled:
      return ErrorReason::kCancelled;
    case Code::kUnavailable:
      return ErrorReason::kNotReady;
    case Code::kResourceExhausted:
      return ErrorReason::kOverloaded;
    case Code::kDataLoss:
      return ErrorReason::kDataLoss;
    case Code::kUnimplemented:
      return ErrorReason::kUnimplemented;
    default:
      return ErrorReason::kInternal;
  }
}

// The payload never leaves the process, so its form is just lengths and bytes in host order.
class Writer {
 public:
  void Number(uint64_t n) { out_.append(reinterpret_cast<const char*>(&n), sizeof(n)); }
  void Text(absl::string_view s) {
    Number(s.size());
    out_.append(s.data(), s.size());
  }
  absl::Cord Take() { return absl::Cord(std::move(out_)); }

 private:
  std::string out_;
};

class Reader {
 public:
  // `in` must outlive the reader.
  explicit Reader(absl::string_view in) : in_(in) {}

  uint64_t Number() {
    uint64_t n = 0;
    if (at_ + sizeof(n) <= in_.size()) std::memcpy(&n, in_.data() + at_, sizeof(n));
    at_ += sizeof(n);
    return n;
  }
  std::string Text() {
    const uint64_t size = Number();
    std::string s(at_ <= in_.size() ? in_.substr(at_, size) : absl::string_view());
    at_ += size;
    return s;
  }

 private:
  const absl::string_view in_;
  size_t at_ = 0;
};

void WriteExpectation(Writer& out, const FailedExpectation& failed) {
  out.Text(failed.stream);
  out.Number(static_cast<uint64_t>(failed.expected.kind));
  out.Number(failed.expected.exact.value);
  out.Number(failed.actual.has_value());
  out.Number(failed.actual.value_or(Revision()).value);
}

FailedExpectation ReadExpectation(Reader& in) {
  FailedExpectation failed;
  failed.stream = in.Text();
  failed.expected.kind = static_cast<ExpectedRevision::Kind>(in.Number());
  failed.expected.exact = Revision(in.Number());
  const bool exists = in.Number() != 0;
  const Revision actual(in.Number());
  if (exists) failed.actual = actual;
  return failed;
}

void WriteTakenId(Writer& out, const TakenEventId& taken) {
  out.Text(taken.stream);
  out.Text(taken.id.AsBytes());
  out.Number(taken.revision.value);
}

TakenEventId ReadTakenId(Reader& in) {
  TakenEventId taken;
  taken.stream = in.Text();
  const std::string id = in.Text();
  std::copy_n(id.begin(), std::min(id.size(), taken.id.bytes.size()), taken.id.bytes.begin());
  taken.revision = Revision(in.Number());
  return taken;
}

void WriteViolation(Writer& out, const Violation& v) {
  for (const std::string* text :
       {&v.field, &v.pointer, &v.keyword, &v.expected, &v.actual, &v.message}) {
    out.Text(*text);
  }
}

Violation ReadViolation(Reader& in) {
  Violation v;
  for (std::string* text : {&v.field, &v.pointer, &v.keyword, &v.expected, &v.actual, &v.message}) {
    *text = in.Text();
  }
  return v;
}

absl::Cord Encode(const ErrorDetails& details) {
  Writer out;
  out.Number(static_cast<uint64_t>(details.reason));
  out.Number(details.metadata.size());
  for (const auto& [key, value] : details.metadata) {
    out.Text(key);
    out.Text(value);
  }
  out.Number(details.violations.size());
  for (const Violation& v : details.violations) WriteViolation(out, v);
  out.Number(details.failed_expectations.size());
  for (const FailedExpectation& f : details.failed_expectations) WriteExpectation(out, f);
  out.Number(details.failed_conditions.size());
  for (const FailedCondition& f : details.failed_conditions) {
    out.Number(f.index);
    out.Number(f.position.value);
  }
  out.Number(details.taken_event_ids.size());
  for (const TakenEventId& taken : details.taken_event_ids) WriteTakenId(out, taken);
  out.Number(details.denials.size());
  for (const PolicyDenial& d : details.denials) {
    out.Text(d.rule);
    out.Text(d.message);
  }
  out.Number(details.retry_after.has_value());
  out.Number(absl::ToInt64Microseconds(details.retry_after.value_or(absl::ZeroDuration())));
  return out.Take();
}

ErrorDetails Decode(const absl::Cord& payload) {
  const std::string bytes(payload);
  Reader in(bytes);
  ErrorDetails details;
  details.reason = static_cast<ErrorReason>(in.Number());
  for (uint64_t n = in.Number(); n > 0; --n) {
    std::string key = in.Text();
    details.metadata.emplace_back(std::move(key), in.Text());
  }
  for (uint64_t n = in.Number(); n > 0; --n) details.violations.push_back(ReadViolation(in));
  for (uint64_t n = in.Number(); n > 0; --n) {
    details.failed_expectations.push_back(ReadExpectation(in));
  }
  for (uint64_t n = in.Number(); n > 0; --n) {
    const auto index = static_cast<uint32_t>(in.Number());
    details.failed_conditions.push_back({index, Position(in.Number())});
  }
  for (uint64_t n = in.Number(); n > 0; --n) details.taken_event_ids.push_back(ReadTakenId(in));
  for (uint64_t n = in.Number(); n > 0; --n) {
    std::string rule = in.Text();
    details.denials.push_back({std::move(rule), in.Text()});
  }
  const bool retry = in.Number() != 0;
  const absl::Duration after = absl::Microseconds(static_cast<int64_t>(in.Number()));
  if (retry) details.retry_after = after;
  return details;
}

}  // namespace

absl::string_view ReasonName(ErrorReason reason) { return RowOf(reason).name; }

absl::StatusCode CodeOf(ErrorReason reason) { return RowOf(reason).code; }

absl::Status MakeError(ErrorReason reason, absl::string_view message) {
  ErrorDetails details;
  details.reason = reason;
  return MakeError(message, details);
}

absl::Status MakeError(ErrorReason reason, absl::string_view message, absl::Duration retry_after) {
  ErrorDetails details;
  details.reason = reason;
  details.retry_after = retry_after;
  return MakeError(message, details);
}

absl::Status MakeError(absl::string_view message, const ErrorDetails& details) {
  absl::Status status(CodeOf(details.reason), message);
  status.SetPayload(kPayloadUrl, Encode(details));
  return status;
}

ErrorDetails DetailsOf(const absl::Status& status) {
  if (const auto payload = status.GetPayload(kPayloadUrl)) return Decode(*payload);
  ErrorDetails details;
  if (!status.ok()) details.reason = ReasonForCode(status.code());
  return details;
}

ErrorReason ReasonOf(const absl::Status& status) { return DetailsOf(status).reason; }

}  // namespace nexus
