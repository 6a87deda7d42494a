#include "storage/rocksdb/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "file/replace_file.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/key_codec.h"

namespace nexus::storage {
namespace {

namespace fs = std::filesystem;

constexpr char kFirstLine[] = "nexus-data-folder\n";
// May be there before the first start: ours, what a fresh mount brings, and the secrets of sinks,
// which somebody puts there before a route names them.
constexpr std::array<absl::string_view, 6> kHarmless = {
    "LOCK", "FORMAT.new", "lost+found", "endpoints.json", "outbox", "secrets"};

absl::Status Failed(absl::string_view doing, const std::string& path) {
  return MakeError(ErrorReason::kInternal,
                   absl::StrCat(doing, " '", path, "': ", std::strerror(errno)));
}

absl::Status Unsupported(const std::string& path, absl::string_view why) {
  return MakeError(ErrorReason::kUnsupportedFormat, absl::StrCat("data folder '", path, "' ", why));
}

std::string FormatText() { return absl::StrCat(kFirstLine, "format ", kFormat, "\n"); }

std::optional<std::string> ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

absl::Status CheckFormat(const std::string& folder, absl::string_view text) {
  uint64_t number = 0;
  if (!absl::ConsumePrefix(&text, kFirstLine) || !absl::ConsumePrefix(&text, "format ") ||
      !absl::ConsumeSuffix(&text, "\n") || !absl::SimpleAtoi(text, &number)) {
    return Unsupported(folder,
                       "belongs to another program (its FORMAT file is not ours): choose "
                       "another folder");
  }
  if (number > kFormat) {
    return Unsupported(folder, absl::StrCat("has format ", number, ", this nexusd reads format ",
                                            kFormat, ": start a newer nexusd"));
  }
  if (number != kFormat) {
    return Unsupported(folder, absl::StrCat("has format ", number,
                                            ", which never existed: "
                                            "restore it from a backup"));
  }
  return absl::OkStatus();
}

// A log is only begun where nothing else lives.
absl::Status CheckEmpty(const std::string& folder) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    bool harmless = false;
    for (const absl::string_view known : kHarmless) harmless = harmless || name == known;
    if (harmless) continue;
    return Unsupported(folder, absl::StrCat("is not empty (it holds '", name,
                                            "') and has no "
                                            "FORMAT file: choose an empty folder"));
  }
  if (error) {
    return MakeError(ErrorReason::kInternal,
                     absl::StrCat("cannot list '", folder, "': ", error.message()));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> TakeLock(const std::string& folder) {
  const std::string path = folder + "/LOCK";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return Failed("cannot open", path);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const bool taken = errno == EWOULDBLOCK;
    absl::Status failed = Failed("cannot lock", path);
    close(fd);
    if (!taken) return failed;
    const std::string pid = ReadAll(path).value_or("");
    return MakeError(ErrorReason::kDataFolderLocked,
                     absl::StrCat("data folder '", folder, "' is in use by process ", pid,
                                  ": stop that one or choose another folder"));
  }
  const std::string pid = absl::StrCat(getpid());
  // The text only serves the message above; on a full disk it must not keep anybody from starting.
  const bool told = ftruncate(fd, 0) == 0 && write(fd, pid.data(), pid.size()) > 0;
  static_cast<void>(told);
  return fd;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataFolder>> DataFolder::Open(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    return MakeError(ErrorReason::kInternal,
                     absl::StrCat("cannot make data folder '", path, "': ", error.message()));
  }
  // A foreign folder is left without a trace of ours.
  std::optional<std::string> format = ReadAll(path + "/FORMAT");
  if (!format.has_value()) {
    NEXUS_RETURN_IF_ERROR(CheckEmpty(path));
  } else {
    NEXUS_RETURN_IF_ERROR(CheckFormat(path, *format));
  }
  NEXUS_ASSIGN_OR_RETURN(const int fd, TakeLock(path));
  std::unique_ptr<DataFolder> folder(new DataFolder(path, fd));
  // Another process may have begun it before we got the lock.
  format = ReadAll(path + "/FORMAT");
  if (!format.has_value()) {
    NEXUS_RETURN_IF_ERROR(file::ReplaceFile(path + "/FORMAT", FormatText(), /*mode=*/0644));
  } else {
    NEXUS_RETURN_IF_ERROR(CheckFormat(path, *format));
  }
  return folder;
}

bool DataFolder::Exists(const std::string& path) {
  std::optional<std::string> format = ReadAll(path + "/FORMAT");
  return format.has_value() && absl::StartsWith(*format, kFirstLine);
}

DataFolder::~DataFolder() { close(lock_fd_); }

}  // namespace nexus::storage
