#pragma once

#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "nexus/port/policy_decider.h"
#include "policy/operations.h"

namespace nexus::fake {

// Answers as told: inside the call, or when Release() is called. Thread-safe.
class ScriptedPolicy : public PolicyDecider {
 public:
  static PolicyAnswer Allow() { return {true, {}, "rev-1", true}; }
  static PolicyAnswer Deny(std::string rule) {
    return {false, {{std::move(rule), "the script says no"}}, "rev-1", true};
  }

  // What every question gets from now on.
  void Answer(absl::StatusOr<PolicyAnswer> answer) {
    absl::MutexLock lock(&mutex_);
    answer_ = std::move(answer);
  }
  // From now on questions wait for Release().
  void Hold() {
    absl::MutexLock lock(&mutex_);
    holding_ = true;
  }
  // Answers the `index`-th of those that wait.
  void Release(size_t index = 0) {
    Done done;
    absl::StatusOr<PolicyAnswer> answer;
    {
      absl::MutexLock lock(&mutex_);
      done = std::move(held_[index]);
      held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(index));
      answer = answer_;
    }
    done(std::move(answer));
  }
  std::vector<PolicyQuestion> questions() {
    absl::MutexLock lock(&mutex_);
    return questions_;
  }

  void Decide(PolicyQuestion question, absl::Duration, Done done) override {
    absl::StatusOr<PolicyAnswer> answer;
    {
      absl::MutexLock lock(&mutex_);
      questions_.push_back(std::move(question));
      if (holding_) {
        held_.push_back(std::move(done));
        return;
      }
      answer = answer_;
    }
    done(std::move(answer));
  }
  // Beside appends and changes of schemas, which every policy decides.
  void DecideAlso(std::string operation) {
    absl::MutexLock lock(&mutex_);
    decided_.insert(std::move(operation));
  }
  bool Decides(absl::string_view operation) override {
    absl::MutexLock lock(&mutex_);
    return !policy::IsOptional(operation) || decided_.contains(operation);
  }
  PolicyState State() override { return {true, "rev-1", "scripted", ""}; }

 private:
  absl::Mutex mutex_;
  absl::StatusOr<PolicyAnswer> answer_ ABSL_GUARDED_BY(mutex_) = Allow();
  bool holding_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Done> held_ ABSL_GUARDED_BY(mutex_);
  std::vector<PolicyQuestion> questions_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string, std::less<>> decided_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::fake
