#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"

namespace nexus::storage {

// The real file system, except that syncing a write-ahead log fails when told, and that new table
// files are held back while told (so that nothing can be flushed). Thread-safe.
class FaultyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  FaultyFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  const char* Name() const override { return "FaultyFileSystem"; }
  void FailSyncs(bool fail) { fail_syncs_ = fail; }
  // Syncs of write-ahead logs wait while told.
  void HoldSyncs(bool hold) {
    absl::MutexLock lock(&syncs_.mutex);
    syncs_.hold = hold;
  }
  void WaitForHeldSync() {
    absl::MutexLock lock(&syncs_.mutex);
    const auto held = [this] { return syncs_.held > 0; };
    syncs_.mutex.Await(absl::Condition(&held));
  }
  void HoldTables(bool hold) {
    absl::MutexLock lock(&mutex_);
    hold_tables_ = hold;
  }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    if (EndsIn(name, ".sst")) {
      absl::MutexLock lock(&mutex_);
      const auto free = [this] { return !hold_tables_; };
      mutex_.Await(absl::Condition(&free));
    }
    rocksdb::IOStatus made = target()->NewWritableFile(name, options, file, context);
    if (made.ok() && EndsIn(name, ".log")) {
      *file = std::make_unique<LogFile>(std::move(*file), fail_syncs_, syncs_);
    }
    return made;
  }

 private:
  struct Syncs {
    absl::Mutex mutex;
    bool hold ABSL_GUARDED_BY(mutex) = false;
    int held ABSL_GUARDED_BY(mutex) = 0;

    void Pass() {
      absl::MutexLock lock(&mutex);
      ++held;
      const auto free = [this] { return !hold; };
      mutex.Await(absl::Condition(&free));
      --held;
    }
  };

  class LogFile : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    LogFile(std::unique_ptr<rocksdb::FSWritableFile> file, const std::atomic<bool>& fail,
            Syncs& syncs)
        : FSWritableFileOwnerWrapper(std::move(file)), fail_(fail), syncs_(syncs) {}

    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
      syncs_.Pass();
      if (fail_) return rocksdb::IOStatus::IOError("planted");
      return FSWritableFileOwnerWrapper::Sync(options, context);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* context) override {
      syncs_.Pass();
      if (fail_) return rocksdb::IOStatus::IOError("planted");
      return FSWritableFileOwnerWrapper::Fsync(options, context);
    }

   private:
    const std::atomic<bool>& fail_;
    Syncs& syncs_;
  };

  static bool EndsIn(const std::string& name, const std::string& end) {
    return name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
  }

  std::atomic<bool> fail_syncs_{false};
  Syncs syncs_;
  absl::Mutex mutex_;
  bool hold_tables_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace nexus::storage
