#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "route/dead_letters.h"

namespace nexus::fake {

// Keeps dead letters in a list, with scripted failures. Thread-safe.
class MemoryDeadLetters : public route::DeadLetterWriter {
 public:
  struct Letter {
    uint64_t position = 0;
    std::string stream = {};
    uint32_t attempts = 0;
    std::string error = {};
  };

  void Write(route::DeadLetter letter, Written written) override {
    absl::Status failure;
    {
      absl::MutexLock lock(&mutex_);
      ++writes_;
      failure = failure_;
      if (failure.ok()) {
        letters_.push_back({letter.event.event->position.value,
                            std::string(letter.event.event->stream), letter.attempts,
                            letter.error});
      }
    }
    written(failure);
  }
  absl::StatusOr<std::vector<std::string>> ParkedStreams(absl::string_view) override {
    absl::MutexLock lock(&mutex_);
    std::vector<std::string> streams;
    for (const Letter& letter : letters_) streams.push_back(letter.stream);
    return streams;
  }

  void FailWith(absl::Status failure) {
    absl::MutexLock lock(&mutex_);
    failure_ = std::move(failure);
  }
  std::vector<Letter> letters() const {
    absl::MutexLock lock(&mutex_);
    return letters_;
  }
  int writes() const {
    absl::MutexLock lock(&mutex_);
    return writes_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<Letter> letters_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  int writes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace nexus::fake
