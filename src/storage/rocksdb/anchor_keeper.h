#pragma once

// Writes the anchor while the log grows, on a thread of its own: the ordering thread only leaves a
// note of where the log ends.
//
// Thread-safe. At most `interval` or `log_bytes_max` of log lie beyond the anchor, whichever ends
// first; while nothing is appended nothing is written.

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "storage/rocksdb/anchor_file.h"
#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/log_metrics.h"

namespace nexus::storage {

class AnchorKeeper {
 public:
  struct Options {
    absl::Duration interval = absl::Milliseconds(100);
    uint64_t log_bytes_max = 1 << 20;
    // Once, on the keeper's thread, if the anchor cannot be written: the log must stop.
    std::function<void(absl::Status)> on_fault = {};
  };

  // `written` is what the file holds. The references must outlive this.
  AnchorKeeper(std::unique_ptr<AnchorFile> file, const Anchor& written, LogDatabase& database,
               LogMetrics& metrics, Options options);
  // Stops without a last write, unless Finish() was called.
  ~AnchorKeeper();

  // The log has grown by `bytes` and is durable up to `head`. Never waits for a disk.
  void Advanced(Position head, uint64_t chain, uint64_t bytes);
  // A new write-ahead log was begun.
  void WalRotated();

  // Stops, and writes the last anchor if `clean`: the log ends at the last head for good.
  absl::Status Finish(bool clean);

 private:
  void Run();
  void StopThread();
  bool Hurried() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopped_ || rotated_ || bytes_ >= options_.log_bytes_max;
  }
  absl::Status WriteLatest(bool clean);

  const std::unique_ptr<AnchorFile> file_;
  LogDatabase& database_;
  LogMetrics& metrics_;
  const Options options_;

  absl::Mutex mutex_;
  absl::CondVar changed_;
  Position head_ ABSL_GUARDED_BY(mutex_);
  uint64_t chain_ ABSL_GUARDED_BY(mutex_);
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // of log since the last anchor
  bool rotated_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;

  Anchor written_;  // the keeper's thread, and Finish() after it
  std::thread thread_;
};

}  // namespace nexus::storage
