#pragma once

// Questions that wait to be asked, bounded. Not thread-safe.

#include <cstddef>
#include <deque>
#include <vector>

#include "absl/time/time.h"
#include "policy/opa/question_batch.h"

namespace nexus::policy {

struct BatchLimits {
  size_t items_max = 64;
  size_t bytes_max = 1 << 20;  // of inputs; a single larger one goes alone
};

class QuestionQueue {
 public:
  explicit QuestionQueue(size_t size_max) : size_max_(size_max) {}

  bool full() const { return queue_.size() >= size_max_; }
  bool empty() const { return queue_.empty(); }
  void Push(Waiting waiting);
  // Back to the front, though the queue be full: they were in it before.
  void PutBack(std::vector<Waiting> waiting);

  // The next questions to ask together, in order.
  std::vector<Waiting> TakeBatch(const BatchLimits& limits);
  std::vector<Waiting> TakeExpired(absl::Duration now);
  std::vector<Waiting> TakeAll();

  // No question expires before this.
  absl::Duration earliest_deadline() const { return earliest_deadline_; }

 private:
  const size_t size_max_;
  std::deque<Waiting> queue_;
  absl::Duration earliest_deadline_ = absl::InfiniteDuration();
};

}  // namespace nexus::policy
