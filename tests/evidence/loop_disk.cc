#include "evidence/loop_disk.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "evidence/scratch_folder.h"
#include "nexus/core/status_macros.h"

namespace nexus::evidence {
namespace {

// Of <linux/fs.h> and fs/ext4/ext4.h of the kernel; no header shows both.
constexpr unsigned long kShutdown = _IOR('X', 125, uint32_t);
constexpr uint32_t kNoLogFlush = 2;
constexpr int kUnmountTries = 200;
constexpr int kUnmountPauseMs = 10;

absl::Status Failed(absl::string_view what) {
  return absl::InternalError(absl::StrCat(what, ": ", std::strerror(errno)));
}

// Runs a command of the shell; what it printed.
absl::StatusOr<std::string> Command(const std::string& command) {
  FILE* pipe = popen(absl::StrCat(command, " 2>&1").c_str(), "re");
  if (pipe == nullptr) return Failed(command);
  std::string output;
  char buffer[256];
  while (fgets(buffer, sizeof(buffer), pipe) != nullptr) output += buffer;
  if (pclose(pipe) == 0) return std::string(absl::StripAsciiWhitespace(output));
  return absl::InternalError(absl::StrCat(command, ": ", output));
}

}  // namespace

std::string WhyNoLoopDisk() {
  const auto disk = LoopDisk::Create(32, "data=ordered");
  if (!disk.ok()) return std::string(disk.status().message());
  const absl::Status cut = (*disk)->CutPower();
  return cut.ok() ? "" : std::string(cut.message());
}

LoopDisk::LoopDisk(std::string folder, std::string options)
    : folder_(std::move(folder)), mount_(folder_ + "/mount"), options_(std::move(options)) {}

absl::StatusOr<std::unique_ptr<LoopDisk>> LoopDisk::Create(int mebibytes,
                                                           const std::string& options) {
  if (geteuid() != 0) return absl::InternalError("mounting needs root");
  std::string folder = ScratchRoot() + "/nexus-disk-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return Failed("mkdtemp");
  std::unique_ptr<LoopDisk> disk(new LoopDisk(folder, options));
  const std::string image = folder + "/image";
  NEXUS_RETURN_IF_ERROR(Command(absl::StrCat("truncate -s ", mebibytes, "M ", image)).status());
  // No lazy work that would write to the disk behind the test's back.
  NEXUS_RETURN_IF_ERROR(
      Command(
          absl::StrCat("mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 -m 0 ", image))
          .status());
  NEXUS_ASSIGN_OR_RETURN(disk->device_, Command("losetup --find --show " + image));
  std::filesystem::create_directory(disk->mount_);
  NEXUS_RETURN_IF_ERROR(disk->Mount());
  return disk;
}

LoopDisk::~LoopDisk() {
  Unmount().IgnoreError();
  if (!device_.empty()) Command("losetup -d " + device_).status().IgnoreError();
  std::error_code ignored;
  if (!mounted_) std::filesystem::remove_all(folder_, ignored);
}

absl::Status LoopDisk::Mount() {
  if (mount(device_.c_str(), mount_.c_str(), "ext4", MS_NOATIME, options_.c_str()) != 0) {
    return Failed(absl::StrCat("mounting ", device_, " with ", options_));
  }
  mounted_ = true;
  return absl::OkStatus();
}

// Whoever was killed a moment ago may still be letting go.
absl::Status LoopDisk::Unmount() {
  if (!mounted_) return absl::OkStatus();
  for (int i = 0; i < kUnmountTries; ++i) {
    if (umount(mount_.c_str()) == 0) {
      mounted_ = false;
      return absl::OkStatus();
    }
    if (errno != EBUSY) break;
    poll(nullptr, 0, kUnmountPauseMs);
  }
  return Failed("unmounting " + mount_);
}

absl::Status LoopDisk::CutPower() {
  const int fd = open(mount_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Failed("opening " + mount_);
  uint32_t flags = kNoLogFlush;
  const bool cut = ioctl(fd, kShutdown, &flags) == 0;
  absl::Status status = cut ? absl::OkStatus() : Failed("FS_IOC_SHUTDOWN");
  close(fd);
  NEXUS_RETURN_IF_ERROR(status);
  NEXUS_RETURN_IF_ERROR(Unmount());
  return Mount();
}

}  // namespace nexus::evidence
