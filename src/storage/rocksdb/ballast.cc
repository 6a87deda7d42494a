#include "storage/rocksdb/ballast.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::storage {

uint64_t Ballast::HeldBytes() const {
  struct stat file {};
  if (stat(path_.c_str(), &file) != 0) return 0;
  constexpr uint64_t kStatBlockBytes = 512;
  return static_cast<uint64_t>(file.st_blocks) * kStatBlockBytes;
}

absl::Status Ballast::Keep() {
  if (bytes_ == 0 || HeldBytes() >= bytes_) return absl::OkStatus();
  const int fd = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    return MakeError(ErrorReason::kInternal,
                     absl::StrCat("cannot make '", path_, "': ", std::strerror(errno)));
  }
  // Where the file system cannot reserve, the C library writes every block instead.
  const int failed = posix_fallocate(fd, 0, static_cast<off_t>(bytes_));
  close(fd);
  if (failed == 0) return absl::OkStatus();
  unlink(path_.c_str());
  return MakeError(ErrorReason::kDiskFull, absl::StrCat("no room for the ballast file '", path_,
                                                        "': ", std::strerror(failed)));
}

absl::StatusOr<uint64_t> Ballast::Free() {
  const uint64_t held = HeldBytes();
  if (unlink(path_.c_str()) == 0) return held;
  if (errno == ENOENT) return 0;
  return MakeError(ErrorReason::kInternal,
                   absl::StrCat("cannot remove '", path_, "': ", std::strerror(errno)));
}

}  // namespace nexus::storage
