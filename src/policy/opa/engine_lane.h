#pragma once

// One connection and what travels on it: a batch of questions, or the steps of a probe.
//
// Not thread-safe. A lane settles its own questions; what the outcome means for the circuit it
// tells to the state that all lanes share.

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/opa/decider_state.h"
#include "policy/opa/endpoint.h"
#include "policy/opa/http_connection.h"
#include "policy/opa/question_batch.h"

namespace nexus::policy {

struct LaneOptions {
  size_t answer_bytes_max = 4 << 20;
  absl::Duration probe_timeout = absl::Milliseconds(500);
  // A question given up sooner than this says something about its caller, not about the engine.
  absl::Duration timeout_counts_after = absl::Milliseconds(10);
  // Puts the module nexus.batch into an engine that does not have it.
  bool put_batch_module = true;
};

class EngineLane {
 public:
  // `endpoint` and `state` must outlive the lane.
  EngineLane(const Endpoint& endpoint, const LaneOptions& options, DeciderState& state)
      : endpoint_(endpoint),
        options_(options),
        state_(state),
        connection_(endpoint, options.answer_bytes_max) {}

  bool free() const { return work_ == Work::kNone; }
  void Ask(std::vector<Waiting> questions, absl::Duration now);
  void Probe(absl::Duration now);

  int fd() const { return connection_.fd(); }
  short PollEvents() const { return connection_.PollEvents(); }
  void OnReady(absl::Duration now);

  // Gives up what is too late.
  void Expire(absl::Duration now);
  absl::Duration EarliestDeadline() const;
  void Stop();

 private:
  enum class Work { kNone, kQuestions, kProbe, kPutModule };

  void Send(absl::Duration now);
  std::string Request() const;
  void OnAnswered(absl::Duration now);
  void OnQuestionsAnswered(absl::Duration now);
  void OnBatchRefused(absl::Duration now);
  void OnProbeAnswered(absl::Duration now);
  void OnModulePut(absl::Duration now);
  void OnBroken(const absl::Status& status, absl::Duration now);
  // The work is over without an answer, which is the engine's fault.
  void Fail(absl::string_view cause, absl::string_view why, absl::Duration now);

  const Endpoint& endpoint_;
  const LaneOptions options_;
  DeciderState& state_;
  HttpConnection connection_;
  Work work_ = Work::kNone;
  QuestionBatch batch_;  // without questions for a probe
  absl::Duration started_;
  absl::Duration probe_deadline_;
  bool sent_again_ = false;
  bool module_put_ = false;
};

}  // namespace nexus::policy
