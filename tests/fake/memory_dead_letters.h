#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "route/dead_letters.h"

namespace nexus::fake {

// Keeps dead letters in a list, with scripted failures. Thread-safe.
class MemoryDeadLetters : public route::DeadLetters {
 public:
  struct Letter {
    uint64_t position = 0;
    std::string stream = {};
    uint32_t attempts = 0;
    std::string error = {};
    route::ErrorClass error_class = route::ErrorClass::kOther;
    route::LetterFate fate = route::LetterFate::kParked;
    uint64_t revision = 0;
    std::string route = {};
  };

  void Write(route::DeadLetter letter, Written written) override {
    absl::Status failure;
    {
      absl::MutexLock lock(&mutex_);
      ++writes_;
      failure = failure_;
      if (failure.ok()) {
        letters_.push_back({letter.event.event->position.value,
                            std::string(letter.event.event->stream), letter.attempts, letter.error,
                            letter.error_class, letter.fate, letter.event.event->revision.value,
                            letter.route});
      }
    }
    written(failure);
  }
  absl::StatusOr<std::vector<route::OpenLane>> Open(absl::string_view route,
                                                    absl::string_view) override {
    absl::MutexLock lock(&mutex_);
    std::vector<route::OpenLane> lanes;
    for (const Letter& letter : letters_) {
      if (letter.route != route || letter.fate == ::nexus::route::LetterFate::kSkipped) continue;
      lanes.push_back({letter.stream, Revision(letter.revision), Position(letter.position),
                       letter.fate == ::nexus::route::LetterFate::kParked, retrying_,
                       Revision(letter.revision)});
    }
    return lanes;
  }
  void Recovered(absl::string_view, absl::string_view lane, Written written) override {
    {
      absl::MutexLock lock(&mutex_);
      recovered_.emplace_back(lane);
    }
    written(absl::OkStatus());
  }

  // What Open() says of all.
  void SetRetrying(bool retrying) {
    absl::MutexLock lock(&mutex_);
    retrying_ = retrying;
  }
  std::vector<std::string> recovered() const {
    absl::MutexLock lock(&mutex_);
    return recovered_;
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
  std::vector<std::string> recovered_ ABSL_GUARDED_BY(mutex_);
  bool retrying_ ABSL_GUARDED_BY(mutex_) = false;
  int writes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace nexus::fake
