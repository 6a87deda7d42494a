#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

namespace nexus::storage {

// The real file system, except that syncing a write-ahead log fails when told. Thread-safe.
class FaultyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  FaultyFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  const char* Name() const override { return "FaultyFileSystem"; }
  void FailSyncs(bool fail) { fail_syncs_ = fail; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus made = target()->NewWritableFile(name, options, file, context);
    const bool is_log = name.size() > 4 && name.compare(name.size() - 4, 4, ".log") == 0;
    if (made.ok() && is_log) *file = std::make_unique<LogFile>(std::move(*file), fail_syncs_);
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

  std::atomic<bool> fail_syncs_{false};
};

}  // namespace nexus::storage
