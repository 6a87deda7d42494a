#pragma once

// Keeps a reserve of free disk space: RocksDB cannot go on after a write that found the disk full,
// so appends are refused before that, and the process stops before its flushes fail.
//
// Thread-safe if the probe is.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace nexus::storage {

struct DiskSpace {
  uint64_t free_bytes = 0;  // for this user
  uint64_t total_bytes = 0;
};

// Asks the file system that holds `path`. INTERNAL if it does not answer.
absl::StatusOr<DiskSpace> ProbeDiskSpace(const std::string& path);

using DiskSpaceProbe = std::function<absl::StatusOr<DiskSpace>()>;

struct DiskReserve {
  uint64_t free_bytes_min = 0;  // 0: a tenth of the disk, at most 4 GiB
  uint64_t stop_bytes_min = 0;  // 0: a quarter of the above
};

enum class DiskState {
  kEnough,
  kLow,        // appends are refused, all else goes on
  kExhausted,  // nothing may be written any more
};

struct DiskReport {
  DiskState state = DiskState::kEnough;
  DiskSpace space = {};
  uint64_t reserve_bytes = 0;  // below it the disk is low
  uint64_t stop_bytes = 0;     // below it the disk is exhausted
};

class DiskGuard {
 public:
  DiskGuard(DiskReserve reserve, DiskSpaceProbe probe)
      : reserve_(reserve), probe_(std::move(probe)) {}

  // Asks afresh each time, so that it recovers by itself. A probe that fails is not a full disk.
  DiskReport Look() const;

  // OK, or DISK_FULL saying how much is free and needed.
  absl::Status Check() const;

 private:
  const DiskReserve reserve_;
  const DiskSpaceProbe probe_;
};

}  // namespace nexus::storage
