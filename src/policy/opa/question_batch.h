#pragma once

// The questions that travel in one HTTP request. Equal ones travel once.

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "nexus/port/policy_decider.h"

namespace nexus::policy {

// A question and who waits for its answer.
struct Waiting {
  PolicyQuestion question;
  absl::Duration deadline;  // of Clock::Monotonic()
  PolicyDecider::Done done;
  // Was in a batch that the engine could not answer as a whole: ask it by itself.
  bool alone = false;
};

// Not thread-safe. Move-only.
class QuestionBatch {
 public:
  QuestionBatch() = default;
  explicit QuestionBatch(std::vector<Waiting> waiting);

  // The request body: {"input":{"items":[{"operation":"append","input":{...}},...]}}.
  const std::string& body() const { return body_; }
  size_t items() const { return askers_.size(); }   // distinct questions
  size_t waiting() const { return waiting_left_; }  // not answered yet
  // Of all that wait; InfiniteFuture-like if none does.
  absl::Duration EarliestDeadline() const;

  // Answers all that wait for item `index`.
  void Answer(size_t index, const absl::StatusOr<PolicyAnswer>& answer);
  void FailAll(const absl::Status& status);
  // Fails those whose deadline has come.
  void Expire(absl::Duration now);
  // Takes all that still wait, each to be asked alone.
  std::vector<Waiting> Split();

 private:
  void Settle(Waiting& waiting, const absl::StatusOr<PolicyAnswer>& answer);

  std::vector<Waiting> waiting_;             // `done` is empty once answered
  std::vector<std::vector<size_t>> askers_;  // by item: indices into waiting_
  size_t waiting_left_ = 0;
  std::string body_;
};

}  // namespace nexus::policy
