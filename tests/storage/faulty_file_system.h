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
      *file = std::make_unique<LogFile>(std::move(*file), fail_syncs_);
    }
    return made;
  }

 private:
  class LogFile : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    LogFile(std::unique_ptr<rocksdb::FSWritableFile> file, const std::atomic<bool>& fail)
        : FSWritableFileOwnerWrapper(std::move(file)), fail_(fail) {}

    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
      if (fail_) return rocksdb::IOStatus::IOError("planted");
      return FSWritableFileOwnerWrapper::Sync(options, context);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* context) override {
      if (fail_) return rocksdb::IOStatus::IOError("planted");
      return FSWritableFileOwnerWrapper::Fsync(options, context);
    }

   private:
    const std::atomic<bool>& fail_;
  };

  static bool EndsIn(const std::string& name, const std::string& end) {
    return name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
  }

  std::atomic<bool> fail_syncs_{false};
  absl::Mutex mutex_;
  bool hold_tables_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace nexus::storage
