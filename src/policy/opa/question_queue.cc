#include "policy/opa/question_queue.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace nexus::policy {

void QuestionQueue::Push(Waiting waiting) {
  assert(!full());
  earliest_deadline_ = std::min(earliest_deadline_, waiting.deadline);
  queue_.push_back(std::move(waiting));
}

void QuestionQueue::PutBack(std::vector<Waiting> waiting) {
  for (const Waiting& one : waiting) {
    earliest_deadline_ = std::min(earliest_deadline_, one.deadline);
  }
  queue_.insert(queue_.begin(), std::make_move_iterator(waiting.begin()),
                std::make_move_iterator(waiting.end()));
}

std::vector<Waiting> QuestionQueue::TakeBatch(const BatchLimits& limits) {
  std::vector<Waiting> batch;
  size_t bytes = 0;
  while (!queue_.empty() && batch.size() < limits.items_max) {
    const Waiting& next = queue_.front();
    bytes += next.question.input_json.size();
    if (!batch.empty() && (next.alone || bytes > limits.bytes_max)) break;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (batch.back().alone) break;
  }
  if (queue_.empty()) earliest_deadline_ = absl::InfiniteDuration();
  return batch;
}

std::vector<Waiting> QuestionQueue::TakeExpired(absl::Duration now) {
  std::vector<Waiting> expired;
  if (now < earliest_deadline_) return expired;
  std::deque<Waiting> kept;
  earliest_deadline_ = absl::InfiniteDuration();
  for (Waiting& waiting : queue_) {
    if (waiting.deadline <= now) {
      expired.push_back(std::move(waiting));
      continue;
    }
    earliest_deadline_ = std::min(earliest_deadline_, waiting.deadline);
    kept.push_back(std::move(waiting));
  }
  queue_ = std::move(kept);
  return expired;
}

std::vector<Waiting> QuestionQueue::TakeAll() {
  std::vector<Waiting> all(std::make_move_iterator(queue_.begin()),
                           std::make_move_iterator(queue_.end()));
  queue_.clear();
  earliest_deadline_ = absl::InfiniteDuration();
  return all;
}

}  // namespace nexus::policy
