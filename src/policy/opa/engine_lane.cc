#include "policy/opa/engine_lane.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/failure.h"
#include "policy/opa/batch_answer.h"
#include "policy/opa/embedded_files.h"

namespace nexus::policy {
namespace {

constexpr absl::string_view kAskTarget =
    "/v1/data/nexus/batch/answers?provenance=true&strict-builtin-errors=true";
constexpr absl::string_view kModuleTarget = "/v1/policies/nexus_batch";
constexpr absl::string_view kNoModule = "the module nexus.batch is not loaded";

void FailEach(std::vector<Waiting> questions, const absl::Status& status) {
  for (Waiting& waiting : questions) waiting.done(status);
}

// What a response that is not 200 says, for people.
std::string Describe(const HttpResponseReader& response) {
  const std::string said = ParseEngineError(response.body());
  return absl::StrCat("HTTP ", response.code(), said.empty() ? "" : ", ", said);
}

}  // namespace

void EngineLane::Ask(std::vector<Waiting> questions, absl::Duration now) {
  work_ = Work::kQuestions;
  batch_ = QuestionBatch(std::move(questions));
  started_ = now;
  sent_again_ = false;
  Send(now);
}

void EngineLane::Probe(absl::Duration now) {
  work_ = Work::kProbe;
  batch_ = QuestionBatch(std::vector<Waiting>());
  started_ = now;
  probe_deadline_ = now + options_.probe_timeout;
  sent_again_ = false;
  module_put_ = !options_.put_batch_module;
  Send(now);
}

std::string EngineLane::Request() const {
  if (work_ == Work::kPutModule) {
    return FormatRequest(
        {"PUT", kModuleTarget, endpoint_.host(), "text/plain", BatchModule().content});
  }
  return FormatRequest({"POST", kAskTarget, endpoint_.host(), "application/json", batch_.body()});
}

void EngineLane::Send(absl::Duration now) {
  const absl::Status sent = connection_.Send(Request());
  if (!sent.ok()) OnBroken(sent, now);
}

void EngineLane::OnReady(absl::Duration now) {
  const absl::Status ready = connection_.OnReady();
  if (!ready.ok()) {
    OnBroken(ready, now);
  } else if (connection_.answered()) {
    OnAnswered(now);
  }
}

void EngineLane::OnBroken(const absl::Status& status, absl::Duration now) {
  const bool again = work_ != Work::kNone && connection_.maybe_stale() && !sent_again_;
  connection_.Close();
  if (work_ == Work::kNone) {
    state_.ProbeSoon(now);
  } else if (again) {
    sent_again_ = true;
    Send(now);
  } else {
    Fail(absl::IsInternal(status) ? kMalformedAnswer : kUnreachable, status.message(), now);
  }
}

void EngineLane::OnAnswered(absl::Duration now) {
  switch (work_) {
    case Work::kNone:
      break;
    case Work::kQuestions:
      OnQuestionsAnswered(now);
      break;
    case Work::kProbe:
      OnProbeAnswered(now);
      break;
    case Work::kPutModule:
      OnModulePut(now);
      break;
  }
}

void EngineLane::OnQuestionsAnswered(absl::Duration now) {
  if (connection_.response().code() != 200) return OnBatchRefused(now);
  const absl::StatusOr<BatchAnswer> answer =
      ParseBatchAnswer(connection_.response().body(), batch_.items());
  if (!answer.ok()) return Fail(kMalformedAnswer, answer.status().message(), now);
  if (!answer->has_result) return Fail(kUndefined, kNoModule, now);
  connection_.Finish();
  work_ = Work::kNone;
  state_.Succeeded(answer->revision, now);
  for (size_t i = 0; i < batch_.items(); ++i) batch_.Answer(i, answer->answers[i]);
}

// One input on which a policy fails (conflicting rules, a built-in that fails) takes the whole
// batch down. Asked one by one, only the culprit remains undecided. An engine that says so is well.
void EngineLane::OnBatchRefused(absl::Duration now) {
  const int code = connection_.response().code();
  const std::string said = ParseEngineError(connection_.response().body());
  if (said.empty() || (code != 400 && code != 500)) {
    return Fail(kEngineError, Describe(connection_.response()), now);
  }
  connection_.Finish();
  work_ = Work::kNone;
  if (batch_.items() > 1) {
    state_.PutBack(batch_.Split());
  } else {
    batch_.FailAll(Undecided(kEngineError, said));
  }
}

void EngineLane::OnProbeAnswered(absl::Duration now) {
  if (connection_.response().code() != 200) {
    return Fail(kEngineError, Describe(connection_.response()), now);
  }
  const absl::StatusOr<BatchAnswer> answer = ParseBatchAnswer(connection_.response().body(), 0);
  if (!answer.ok()) return Fail(kMalformedAnswer, answer.status().message(), now);
  if (answer->has_result) {
    connection_.Finish();
    work_ = Work::kNone;
    state_.ProbeSucceeded(answer->revision, now);
  } else if (module_put_) {
    Fail(kUndefined, kNoModule, now);
  } else {
    connection_.Finish();
    module_put_ = true;
    work_ = Work::kPutModule;
    Send(now);
  }
}

void EngineLane::OnModulePut(absl::Duration now) {
  if (connection_.response().code() != 200) {
    return Fail(
        kUndefined,
        absl::StrCat(kNoModule, " and it does not take it: ", Describe(connection_.response())),
        now);
  }
  connection_.Finish();
  work_ = Work::kProbe;
  Send(now);
}

void EngineLane::Expire(absl::Duration now) {
  if (work_ == Work::kNone) return;
  if (work_ != Work::kQuestions) {
    if (probe_deadline_ <= now) Fail(kTimeout, "no answer in time", now);
    return;
  }
  batch_.Expire(now);
  if (batch_.waiting() > 0) return;
  // Nobody wants the answer. Closing the connection tells the engine to stop working on it.
  if (now - started_ >= options_.timeout_counts_after) {
    return Fail(kTimeout, "no answer in time", now);
  }
  connection_.Close();
  work_ = Work::kNone;
}

absl::Duration EngineLane::EarliestDeadline() const {
  if (work_ == Work::kNone) return absl::InfiniteDuration();
  return work_ == Work::kQuestions ? batch_.EarliestDeadline() : probe_deadline_;
}

void EngineLane::Fail(absl::string_view cause, absl::string_view why, absl::Duration now) {
  const std::string reason(why);  // may point into the connection
  connection_.Close();
  const bool probe = work_ != Work::kQuestions;
  work_ = Work::kNone;
  // First the state: who is told of a failure may look at it.
  std::vector<Waiting> others =
      probe ? state_.ProbeFailed(reason, now) : state_.Failed(reason, now);
  batch_.FailAll(Undecided(cause, reason));
  FailEach(std::move(others), Undecided(kCircuitOpen, absl::StrCat("it failed before: ", reason)));
}

void EngineLane::Stop() {
  connection_.Close();
  work_ = Work::kNone;
  batch_.FailAll(Undecided(kStopped, "the server is stopping"));
}

}  // namespace nexus::policy
