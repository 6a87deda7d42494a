#include "log/verdict.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::log {

absl::StatusOr<std::optional<CommitReceipt>> RepeatReceipt(const Commit& candidate,
                                                           const Commit& stored,
                                                           const CommitReceipt& first) {
  if (!SameContent(candidate, stored)) {
    ErrorDetails details;
    details.reason = ErrorReason::kIdReused;
    details.metadata = {{"commit_id", candidate.id.ToString()},
                        {"position", absl::StrCat(first.first.value)}};
    return MakeError(absl::StrCat("commit id ", candidate.id.ToString(),
                                  " is taken by another commit at position ", first.first.value,
                                  ": use a new id for new content"),
                     details);
  }
  std::optional<CommitReceipt> receipt(first);
  receipt->repeated = true;
  return receipt;
}

absl::Status RevisionConflict(std::vector<FailedExpectation> failed) {
  const FailedExpectation& one = failed.front();
  const std::string actual = one.actual.has_value() ? absl::StrCat(one.actual->value) : "no stream";
  std::string message = absl::StrCat("stream '", one.stream, "' was expected at ",
                                     one.expected.ToString(), " but is at ", actual);
  if (failed.size() > 1) {
    absl::StrAppend(&message, ", and ", failed.size() - 1, " more expectations failed");
  }
  ErrorDetails details;
  details.reason = ErrorReason::kRevisionConflict;
  details.failed_expectations = std::move(failed);
  return MakeError(message, details);
}

}  // namespace nexus::log
