#pragma once

// Keeps a reserve of free disk space: RocksDB cannot go on after a write that found the disk full,
// so appends are refused before that.
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
  uint64_t free_bytes_min = 512u << 20;
  double free_percent_min = 2;  // of the whole file system; the larger of the two counts
};

class DiskGuard {
 public:
  DiskGuard(DiskReserve reserve, DiskSpaceProbe probe)
      : reserve_(reserve), probe_(std::move(probe)) {}

  // OK, or DISK_FULL saying how much is free and needed. Asks afresh each time, so that it
  // recovers by itself. A probe that fails is not a full disk: OK.
  absl::Status Check() const;

 private:
  const DiskReserve reserve_;
  const DiskSpaceProbe probe_;
};

}  // namespace nexus::storage
