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
  // `on_fault` may be called more than once, from any thread, and must not call the database.
  LogEvents(WriteStall& stall, std::function<void(absl::Status)> on_fault)
      : stall_(stall), on_fault_(std::move(on_fault)) {}

  // RocksDB would resume by itself after some errors and leave a hole in the log.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) override {
    stall_.Changed();
    if (error->severity() >= rocksdb::Status::Severity::kHardError) {
      on_fault_(ToWriteStatus(*error));
    }
  }
  void OnStallConditionsChanged(const rocksdb::WriteStallInfo&) override { stall_.Changed(); }

 private:
  WriteStall& stall_;
  const std::function<void(absl::Status)> on_fault_;
};

}  // namespace nexus::storage
