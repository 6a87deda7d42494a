#include "storage/rocksdb/disk_guard.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/planted_fault.h"

namespace nexus::storage {
namespace {

constexpr absl::Duration kDiskRetryAfter = absl::Seconds(5);

}  // namespace

absl::StatusOr<DiskSpace> ProbeDiskSpace(const std::string& path) {
  struct statvfs answer {};
  if (statvfs(path.c_str(), &answer) != 0) {
    return MakeError(ErrorReason::kInternal, absl::StrCat("cannot ask for the free space of '",
                                                          path, "': ", std::strerror(errno)));
  }
  return DiskSpace{uint64_t{answer.f_bavail} * answer.f_frsize,
                   uint64_t{answer.f_blocks} * answer.f_frsize};
}

absl::Status DiskGuard::Check() const {
  const absl::StatusOr<DiskSpace> space = probe_();
  if (!space.ok()) return absl::OkStatus();
  const uint64_t by_percent = static_cast<uint64_t>(static_cast<double>(space->total_bytes) *
                                                    reserve_.free_percent_min / 100);
  const uint64_t needed = std::max(reserve_.free_bytes_min, by_percent);
  if (space->free_bytes >= needed || IsPlanted(PlantedFault::kNoDiskReserve))
    return absl::OkStatus();
  ErrorDetails details;
  details.reason = ErrorReason::kDiskFull;
  details.metadata = {{"free_bytes", absl::StrCat(space->free_bytes)},
                      {"reserve_bytes", absl::StrCat(needed)}};
  details.retry_after = kDiskRetryAfter;
  return MakeError(
      absl::StrCat("the disk is full: ", space->free_bytes, " bytes are free and ", needed,
                   " are kept in reserve; reads go on, appends resume when "
                   "space is freed"),
      details);
}

}  // namespace nexus::storage
