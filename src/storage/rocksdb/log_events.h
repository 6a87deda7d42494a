#pragma once

// What RocksDB tells about itself while it runs: faults end the process, it never repairs alone.

#include <rocksdb/listener.h>

#include <functional>
#include <utility>

#include "storage/rocksdb/rocks_status.h"
#include "storage/rocksdb/write_stall.h"

namespace nexus::storage {

// Thread-safe; called on RocksDB's threads. `stall` must outlive the database.
class LogEvents : public rocksdb::EventListener {
 public:
  // All may be called more than once, from any thread, and must not call the database:
  // `on_fault` after an error that it cannot go on from, `on_new_wal` when a write-ahead log was
  // begun, `on_standstill` when compaction has stopped for lack of space; it does not resume.
  LogEvents(WriteStall& stall, std::function<void(absl::Status)> on_fault,
            std::function<void()> on_new_wal = {}, std::function<void()> on_standstill = {})
      : stall_(stall),
        on_fault_(std::move(on_fault)),
        on_new_wal_(std::move(on_new_wal)),
        on_standstill_(std::move(on_standstill)) {}

  // RocksDB would resume by itself after some errors and leave a hole in the log.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) override {
    stall_.Changed();
    if (error->severity() >= rocksdb::Status::Severity::kHardError) {
      on_fault_(ToWriteStatus(*error));
    } else if (on_standstill_) {
      on_standstill_();
    }
  }
  void OnMemTableSealed(const rocksdb::MemTableInfo&) override {
    if (on_new_wal_) on_new_wal_();
  }
  void OnStallConditionsChanged(const rocksdb::WriteStallInfo&) override { stall_.Changed(); }

 private:
  WriteStall& stall_;
  const std::function<void(absl::Status)> on_fault_;
  const std::function<void()> on_new_wal_;
  const std::function<void()> on_standstill_;
};

}  // namespace nexus::storage
