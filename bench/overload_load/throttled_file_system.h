#pragma once

// The real file system with a disk that can be made slow while it runs: syncing a write-ahead log
// takes a fixed time, and a time for each byte that was written since the last one.
//
// Thread-safe.

#include <rocksdb/file_system.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace nexus::bench {

class ThrottledFileSystem : public rocksdb::FileSystemWrapper {
 public:
  struct Pace {
    std::atomic<int64_t> sync_micros{0};
    std::atomic<int64_t> bytes_per_second{0};  // 0: no limit
  };

  // `pace` must outlive this.
  explicit ThrottledFileSystem(const Pace& pace)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), pace_(pace) {}

  const char* Name() const override { return "ThrottledFileSystem"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus made = target()->NewWritableFile(name, options, file, context);
    if (made.ok() && name.ends_with(".log")) {
      *file = std::make_unique<LogFile>(std::move(*file), pace_);
    }
    return made;
  }

 private:
  // One thread writes it.
  class LogFile : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    LogFile(std::unique_ptr<rocksdb::FSWritableFile> file, const Pace& pace)
        : FSWritableFileOwnerWrapper(std::move(file)), pace_(pace) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* context) override {
      unsynced_ += static_cast<int64_t>(data.size());
      return FSWritableFileOwnerWrapper::Append(data, options, context);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& info,
                             rocksdb::IODebugContext* context) override {
      unsynced_ += static_cast<int64_t>(data.size());
      return FSWritableFileOwnerWrapper::Append(data, options, info, context);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
      Pay();
      return FSWritableFileOwnerWrapper::Sync(options, context);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* context) override {
      Pay();
      return FSWritableFileOwnerWrapper::Fsync(options, context);
    }

   private:
    void Pay() {
      const int64_t rate = pace_.bytes_per_second;
      int64_t micros = pace_.sync_micros;
      if (rate > 0) micros += unsynced_ * 1'000'000 / rate;
      unsynced_ = 0;
      if (micros > 0) std::this_thread::sleep_for(std::chrono::microseconds(micros));
    }

    const Pace& pace_;
    int64_t unsynced_ = 0;
  };

  const Pace& pace_;
};

}  // namespace nexus::bench
