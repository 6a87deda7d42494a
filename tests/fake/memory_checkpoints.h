#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/synchronization/mutex.h"
#include "nexus/port/checkpoint_store.h"

namespace nexus::fake {

// Checkpoints in memory, with scripted failures. Thread-safe.
class MemoryCheckpoints : public CheckpointStore {
 public:
  absl::StatusOr<std::optional<Position>> Load(absl::string_view reader) override {
    absl::MutexLock lock(&mutex_);
    const auto it = saved_.find(std::string(reader));
    if (it == saved_.end()) return std::nullopt;
    return it->second;
  }
  absl::Status Save(absl::string_view reader, Position position) override {
    absl::MutexLock lock(&mutex_);
    ++saves_;
    if (!failure_.ok()) return failure_;
    saved_[std::string(reader)] = position;
    return absl::OkStatus();
  }

  void FailWith(absl::Status failure) {
    absl::MutexLock lock(&mutex_);
    failure_ = std::move(failure);
  }
  uint64_t SavedFor(const std::string& reader) const {
    absl::MutexLock lock(&mutex_);
    const auto it = saved_.find(reader);
    return it == saved_.end() ? 0 : it->second.value;
  }
  int saves() const {
    absl::MutexLock lock(&mutex_);
    return saves_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, Position> saved_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  int saves_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace nexus::fake
