#include "log/verdict.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::log {
namespace {

std::string AndMore(size_t listed, absl::string_view what) {
  return listed > 1 ? absl::StrCat(", and ", listed - 1, " more ", what) : "";
}

std::string TextOf(const std::vector<TakenEventId>& taken) {
  const TakenEventId& one = taken.front();
  return absl::StrCat("stream '", one.stream, "' has event id ", one.id.ToString(), " at revision ",
                      one.revision.value, AndMore(taken.size(), "ids are taken"),
                      ": a new event needs a new id, and a retry must send exactly the events of "
                      "its first commit, in their order");
}

std::string TextOf(const std::vector<FailedExpectation>& failed) {
  const FailedExpectation& one = failed.front();
  const std::string actual = one.actual.has_value() ? absl::StrCat(one.actual->value) : "no stream";
  return absl::StrCat("stream '", one.stream, "' was expected at ", one.expected.ToString(),
                      " but is at ", actual, AndMore(failed.size(), "expectations failed"));
}

std::string TextOf(const std::vector<FailedCondition>& failed) {
  const FailedCondition& one = failed.front();
  return absl::StrCat("the event at position ", one.position.value, " matches append condition ",
                      one.index, AndMore(failed.size(), "conditions failed"));
}

}  // namespace

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

absl::Status Refusal(Objections objections) {
  ErrorDetails details;
  std::string message;
  if (!objections.taken_ids.empty()) {
    details.reason = ErrorReason::kEventIdTaken;
    message = TextOf(objections.taken_ids);
  } else if (!objections.expectations.empty()) {
    details.reason = ErrorReason::kRevisionConflict;
    message = TextOf(objections.expectations);
  } else {
    details.reason = ErrorReason::kAppendConditionFailed;
    message = TextOf(objections.conditions);
  }
  details.taken_event_ids = std::move(objections.taken_ids);
  details.failed_expectations = std::move(objections.expectations);
  details.failed_conditions = std::move(objections.conditions);
  return MakeError(message, details);
}

}  // namespace nexus::log
