#pragma once

// Snapshots that live as long as the process. Thread-safe.

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "nexus/port/snapshot_store.h"

namespace nexus::storage {

class MemorySnapshotStore : public SnapshotStore {
 public:
  absl::Status Put(const Snapshot& snapshot) override {
    absl::MutexLock lock(&mutex_);
    Snapshot& kept = streams_[snapshot.info.stream][snapshot.info.revision];
    kept = snapshot;
    kept.info.state_bytes = kept.state.size();
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<Snapshot>> Nearest(absl::string_view stream,
                                                  const SnapshotBound& bound,
                                                  Usable usable) override {
    absl::MutexLock lock(&mutex_);
    const auto found = streams_.find(std::string(stream));
    if (found == streams_.end()) return std::optional<Snapshot>();
    for (const auto& [revision, snapshot] : found->second) {
      if (revision > bound.revision || snapshot.info.position > bound.position) continue;
      if (usable(snapshot.info)) return std::optional<Snapshot>(snapshot);
    }
    return std::optional<Snapshot>();
  }

  absl::StatusOr<SnapshotPage> List(const SnapshotQuery& query) override {
    absl::MutexLock lock(&mutex_);
    SnapshotPage page;
    for (const auto& [stream, snapshots] : streams_) {
      if (!query.stream.empty() && stream != query.stream) continue;
      for (const auto& [revision, snapshot] : snapshots) {
        if (query.after.has_value() && !IsBehind(*query.after, stream, revision)) continue;
        if (page.snapshots.size() >= std::max<size_t>(1, query.limit)) return page;
        page.snapshots.push_back(snapshot.info);
      }
    }
    page.end = true;
    return page;
  }

  absl::StatusOr<uint64_t> Delete(absl::string_view stream,
                                  std::optional<Revision> revision) override {
    absl::MutexLock lock(&mutex_);
    const auto found = streams_.find(std::string(stream));
    if (found == streams_.end()) return 0;
    uint64_t gone = found->second.size();
    if (revision.has_value()) {
      gone = found->second.erase(*revision);
    } else {
      streams_.erase(found);
    }
    return gone;
  }

  absl::StatusOr<uint64_t> Expire(absl::string_view stream, uint64_t keep) override {
    absl::MutexLock lock(&mutex_);
    const auto found = streams_.find(std::string(stream));
    if (found == streams_.end()) return 0;
    uint64_t gone = 0;
    for (; found->second.size() > keep; ++gone) found->second.erase(--found->second.end());
    return gone;
  }

 private:
  static bool IsBehind(const SnapshotCursor& after, const std::string& stream, Revision revision) {
    return stream > after.stream || (stream == after.stream && revision < after.revision);
  }

  struct NewestFirst {
    bool operator()(Revision a, Revision b) const { return a > b; }
  };

  absl::Mutex mutex_;
  std::map<std::string, std::map<Revision, Snapshot, NewestFirst>> streams_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::storage
