#include "policy/remote/kept_bundle.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "policy/bundle/policy_file.h"
#include "policy/bundle/wasm_bundle.h"

namespace nexus::policy {
namespace {

namespace fs = std::filesystem;

absl::Status Failed(absl::string_view what, const std::string& path, int error) {
  return MakeError(ErrorReason::kInternal,
                   absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(error)));
}

absl::Status WriteSynced(const std::string& path, absl::string_view content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Failed("open", path, errno);
  absl::Status status;
  while (status.ok() && !content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno != EINTR) status = Failed("write", path, errno);
    if (written > 0) content.remove_prefix(static_cast<size_t>(written));
  }
  if (status.ok() && ::fsync(file) != 0) status = Failed("sync", path, errno);
  ::close(file);
  return status;
}

absl::Status SyncFolder(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return Failed("open", path, errno);
  const bool synced = ::fsync(folder) == 0;
  const int error = errno;
  ::close(folder);
  return synced ? absl::OkStatus() : Failed("sync", path, error);
}

}  // namespace

absl::Status KeepBundle(const std::string& path, absl::string_view archive) {
  const std::string folder = fs::path(path).parent_path().string();
  std::error_code made;
  fs::create_directories(folder, made);
  if (made) return Failed("make", folder, made.value());
  const std::string fresh = path + ".new";
  if (absl::Status written = WriteSynced(fresh, archive); !written.ok()) return written;
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return Failed("rename", fresh, errno);
  return SyncFolder(folder);
}

absl::StatusOr<std::string> ReadKeptBundle(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    return absl::NotFoundError(absl::StrCat("there is no bundle from before in ", path));
  }
  return ReadPolicyFile(path, kBundleBytesMax);
}

}  // namespace nexus::policy
