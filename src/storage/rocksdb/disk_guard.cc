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
constexpr uint64_t kReserveShare = 10;
constexpr uint64_t kReserveBytesMax = uint64_t{4} << 30;
constexpr uint64_t kStopShare = 4;

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

DiskReport DiskGuard::Look() const {
  DiskReport report;
  const absl::StatusOr<DiskSpace> space = probe_();
  if (!space.ok() || IsPlanted(PlantedFault::kNoDiskReserve)) return report;
  report.space = *space;
  report.reserve_bytes = reserve_.free_bytes_min > 0
                             ? reserve_.free_bytes_min
                             : std::min(space->total_bytes / kReserveShare, kReserveBytesMax);
  report.stop_bytes =
      reserve_.stop_bytes_min > 0 ? reserve_.stop_bytes_min : report.reserve_bytes / kStopShare;
  if (space->free_bytes < report.stop_bytes) {
    report.state = DiskState::kExhausted;
  } else if (space->free_bytes < report.reserve_bytes) {
    report.state = DiskState::kLow;
  }
  return report;
}

absl::Status DiskGuard::Check() const {
  const DiskReport report = Look();
  if (report.state == DiskState::kEnough) return absl::OkStatus();
  ErrorDetails details;
  details.reason = ErrorReason::kDiskFull;
  details.metadata = {{"free_bytes", absl::StrCat(report.space.free_bytes)},
                      {"reserve_bytes", absl::StrCat(report.reserve_bytes)}};
  details.retry_after = kDiskRetryAfter;
  return MakeError(absl::StrCat("the disk is full: ", report.space.free_bytes,
                                " bytes are free and ", report.reserve_bytes,
                                " are kept in reserve; reads go on, appends resume when "
                                "space is freed"),
                   details);
}

}  // namespace nexus::storage
