#pragma once

// A file without content that holds disk space back: on a full disk it is removed, and what it held
// is enough to start.
//
// Not thread-safe. Goes to the file system by itself: RocksDB's has no way to reserve space.

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace nexus::storage {

class Ballast {
 public:
  // Nothing happens to the file yet.
  Ballast(std::string path, uint64_t bytes) : path_(std::move(path)), bytes_(bytes) {}

  // What the file holds now; 0 if there is none.
  uint64_t HeldBytes() const;
  uint64_t wanted_bytes() const { return bytes_; }

  // Makes the file, or gives it its size. DISK_FULL (and no file) if there is no room for it.
  absl::Status Keep();

  // Removes it; gives what it held. INTERNAL if it cannot be removed.
  absl::StatusOr<uint64_t> Free();

 private:
  const std::string path_;
  const uint64_t bytes_;
};

}  // namespace nexus::storage
