#include "identity/tokens/token_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::identity {
namespace {

constexpr mode_t kOwnerOnly = 0600;

absl::Status Failed(const std::string& path, int error) {
  return MakeError(ErrorReason::kInternal,
                   absl::StrCat("cannot write ", path, ": ", std::strerror(error)));
}

absl::Status WriteNew(const std::string& path, const std::string& text) {
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly);
  if (fd < 0) return Failed(path, errno);
  const ssize_t written = write(fd, text.data(), text.size());
  int error = written == static_cast<ssize_t>(text.size()) ? 0 : (written < 0 ? errno : ENOSPC);
  if (error == 0 && fsync(fd) != 0) error = errno;
  if (close(fd) != 0 && error == 0) error = errno;
  return error == 0 ? absl::OkStatus() : Failed(path, error);
}

}  // namespace

absl::Status WriteTokenFile(const std::string& path, absl::string_view token) {
  const std::string temporary = absl::StrCat(path, ".new");
  unlink(temporary.c_str());  // what a crash has left
  absl::Status written = WriteNew(temporary, absl::StrCat(token, "\n"));
  if (written.ok() && std::rename(temporary.c_str(), path.c_str()) != 0) {
    written = Failed(path, errno);
  }
  if (!written.ok()) unlink(temporary.c_str());
  return written;
}

}  // namespace nexus::identity
