#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

constexpr size_t kBytesMax = 64 << 20;

absl::Status Failed(absl::string_view what, const std::string& path, int error) {
  return MakeError(error == ENOENT ? ErrorReason::kNotFound : ErrorReason::kInternal,
                   absl::StrCat("cannot ", what, " ", path, ": ", strerror(error)));
}

absl::StatusOr<std::string> ReadAll(std::istream& in, const std::string& name) {
  std::string content;
  char buffer[16 << 10];
  while (in.read(buffer, sizeof(buffer)), in.gcount() > 0) {
    content.append(buffer, static_cast<size_t>(in.gcount()));
    if (content.size() > kBytesMax) {
      return MakeError(ErrorReason::kLimitExceeded, absl::StrCat(name, " is larger than 64 MiB"));
    }
  }
  if (in.bad()) return Failed("read", name, EIO);
  return content;
}

absl::Status WriteAll(int file, const std::string& content, const std::string& path) {
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t n = write(file, content.data() + done, content.size() - done);
    if (n < 0) return Failed("write", path, errno);
    done += static_cast<size_t>(n);
  }
  if (fsync(file) != 0) return Failed("write", path, errno);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::ifstream> OpenFile(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return Failed("read", path, EISDIR);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return Failed("read", path, errno != 0 ? errno : EIO);
  return file;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  NEXUS_ASSIGN_OR_RETURN(std::ifstream file, OpenFile(path));
  return ReadAll(file, path);
}

absl::StatusOr<std::string> ReadSource(const std::string& source, std::istream& in) {
  return source == "-" ? ReadAll(in, "standard input") : ReadFile(source);
}

absl::Status ReplaceFile(const std::string& path, const std::string& content) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty() && std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  const std::string fresh = absl::StrCat(path, ".", getpid(), ".new");
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Failed("write", fresh, errno);
  absl::Status status = WriteAll(file, content, fresh);
  close(file);
  if (status.ok() && rename(fresh.c_str(), path.c_str()) != 0) {
    status = Failed("replace", path, errno);
  }
  if (!status.ok()) unlink(fresh.c_str());
  return status;
}

absl::Status WriteFile(const std::string& path, const std::string& content) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (!file) return Failed("write", path, errno != 0 ? errno : EIO);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  return file.good() ? absl::OkStatus() : Failed("write", path, errno != 0 ? errno : EIO);
}

}  // namespace nexus::cli
