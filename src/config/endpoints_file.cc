#include "config/endpoints_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"

namespace nexus::config {
namespace {

constexpr mode_t kMode = 0644;

absl::Status Failed(const std::string& path, int error) {
  return MakeError(ErrorReason::kInternal,
                   absl::StrCat("cannot write ", path, ": ", std::strerror(error)));
}

absl::Status WriteWhole(const std::string& path, const std::string& text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode);
  if (fd < 0) return Failed(path, errno);
  const ssize_t written = write(fd, text.data(), text.size());
  int error = written == static_cast<ssize_t>(text.size()) ? 0 : (written < 0 ? errno : ENOSPC);
  // The umask may be stricter than what scripts need.
  if (error == 0 && fchmod(fd, kMode) != 0) error = errno;
  if (close(fd) != 0 && error == 0) error = errno;
  return error == 0 ? absl::OkStatus() : Failed(path, error);
}

}  // namespace

EndpointsFile::EndpointsFile(absl::string_view data_folder)
    : path_(absl::StrCat(data_folder, "/endpoints.json")) {}

EndpointsFile::~EndpointsFile() { Remove(); }

absl::Status EndpointsFile::Publish(const Endpoints& endpoints) {
  const std::string temporary = absl::StrCat(path_, ".new");
  const std::string text =
      absl::StrCat("{\"grpc\":", JsonString(endpoints.grpc),
                   ",\"http\":", JsonString(endpoints.http), ",\"pid\":", endpoints.pid, "}\n");
  const absl::Status written = WriteWhole(temporary, text);
  if (!written.ok() || std::rename(temporary.c_str(), path_.c_str()) != 0) {
    const absl::Status status = written.ok() ? Failed(path_, errno) : written;
    unlink(temporary.c_str());
    return status;
  }
  published_ = true;
  return absl::OkStatus();
}

void EndpointsFile::Remove() {
  if (published_) unlink(path_.c_str());
  published_ = false;
}

}  // namespace nexus::config
