#pragma once

// Checkpoints that live as long as the process. Thread-safe.

#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "nexus/port/checkpoint_store.h"

namespace nexus::storage {

class MemoryCheckpointStore : public CheckpointStore {
 public:
  absl::StatusOr<std::optional<Position>> Load(absl::string_view reader) override {
    absl::MutexLock lock(&mutex_);
    const auto it = checkpoints_.find(std::string(reader));
    if (it == checkpoints_.end()) return std::optional<Position>();
    return std::optional<Position>(it->second);
  }

  absl::Status Save(absl::string_view reader, Position position) override {
    absl::MutexLock lock(&mutex_);
    checkpoints_[std::string(reader)] = position;
    return absl::OkStatus();
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, Position> checkpoints_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::storage
