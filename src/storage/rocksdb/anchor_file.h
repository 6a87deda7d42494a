#pragma once

// The anchor file: two slots, written in turn and synced one by one, so that a write that is cut
// short leaves the other one.
//
// Not thread-safe. Goes through RocksDB's file system, so that a test can make it fail.

#include <rocksdb/file_system.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/rocksdb/anchor_codec.h"

namespace nexus::storage {

struct AnchorSlots {
  std::optional<Anchor> newest;  // nothing: there is no file
  bool one_is_torn = false;      // a write was cut short; the other slot counts
};

class AnchorFile {
 public:
  // DATA_LOSS if there is a file and neither slot can be read, or the file cannot.
  static absl::StatusOr<AnchorSlots> Read(rocksdb::FileSystem& files, const std::string& path);

  // Puts a whole new file with `anchor` in place of what is there. DISK_FULL, INTERNAL.
  static absl::Status Replace(rocksdb::FileSystem& files, const std::string& path,
                              const Anchor& anchor);

  // To write into an existing file. `files` must outlive it.
  static absl::StatusOr<std::unique_ptr<AnchorFile>> Open(rocksdb::FileSystem& files,
                                                          const std::string& path);

  // Durable when it returns OK. After a failure nothing is known about the slot.
  absl::Status Write(const Anchor& anchor);

 private:
  explicit AnchorFile(std::unique_ptr<rocksdb::FSRandomRWFile> file) : file_(std::move(file)) {}

  const std::unique_ptr<rocksdb::FSRandomRWFile> file_;
};

// Makes renames, new and removed files in `folder` durable.
absl::Status SyncFolder(rocksdb::FileSystem& files, const std::string& folder);

}  // namespace nexus::storage
