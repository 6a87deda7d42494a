#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "nexus/port/sink.h"

namespace nexus::fake {

// A broker that answers by script. Thread-safe.
class ScriptedSink : public Sink {
 public:
  // What becomes of an event that arrives for the `attempt`-th time (from 1). Nothing: it is kept
  // waiting until Release(). OK means that the broker has it, whatever the answer says later.
  using Script = std::function<std::optional<absl::Status>(const RecordedEvent&, int attempt)>;

  explicit ScriptedSink(std::string name, Script script = {})
      : name_(std::move(name)), script_(std::move(script)) {}

  absl::string_view Name() const override { return name_; }

  void Deliver(OutboundEvent event, Delivered done) override {
    std::optional<absl::Status> answer = absl::OkStatus();
    {
      absl::MutexLock lock(&mutex_);
      const int attempt = ++attempts_[event.event->position.value];
      if (script_) answer = script_(*event.event, attempt);
      if (!answer) {
        waiting_.emplace_back(event.event->position.value, std::move(done));
        return;
      }
      if (answer->ok()) Accept(event);
    }
    Answer(done, *answer);
  }

  absl::Status Flush(absl::Duration) override {
    const bool late = !waiting().empty();
    while (ReleaseOne(MakeUnavailable())) {
    }
    return late ? absl::DeadlineExceededError("flush") : absl::OkStatus();
  }
  absl::Status Health() override { return absl::OkStatus(); }

  void SetScript(Script script) {
    absl::MutexLock lock(&mutex_);
    script_ = std::move(script);
  }
  // Answers the first that waits. False if none does.
  bool ReleaseOne(const absl::Status& status) {
    std::pair<uint64_t, Delivered> first;
    {
      absl::MutexLock lock(&mutex_);
      if (waiting_.empty()) return false;
      first = std::move(waiting_.front());
      waiting_.pop_front();
      if (status.ok()) accepted_.push_back(first.first);
    }
    Answer(first.second, status);
    return true;
  }
  // Positions, in the order of arrival.
  std::vector<uint64_t> accepted() const {
    absl::MutexLock lock(&mutex_);
    return accepted_;
  }
  std::vector<uint64_t> waiting() const {
    absl::MutexLock lock(&mutex_);
    std::vector<uint64_t> positions;
    for (const auto& [position, done] : waiting_) positions.push_back(position);
    return positions;
  }
  int attempts(uint64_t position) const {
    absl::MutexLock lock(&mutex_);
    const auto it = attempts_.find(position);
    return it == attempts_.end() ? 0 : it->second;
  }

  static absl::Status MakeUnavailable() { return absl::UnavailableError("the broker is away"); }
  static absl::Status MakeRefusal() { return absl::InvalidArgumentError("too large"); }

 private:
  void Answer(Delivered& done, const absl::Status& status) {
    if (!status.ok()) return done(status);
    done(Coordinate{.place = name_});
  }
  void Accept(const OutboundEvent& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    accepted_.push_back(event.event->position.value);
  }

  const std::string name_;
  mutable absl::Mutex mutex_;
  Script script_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, int> attempts_ ABSL_GUARDED_BY(mutex_);
  std::vector<uint64_t> accepted_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::pair<uint64_t, Delivered>> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::fake
