#include "sink/jsonl/segment_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::sink {
namespace {

constexpr absl::string_view kSuffix = ".jsonl";
constexpr size_t kChunk = 64 << 10;

// Every failure of the file system is one of the whole sink: no event is to blame for it.
absl::Status Failure(absl::string_view what, absl::string_view path, int error) {
  return MakeError(ErrorReason::kNotReady, absl::StrCat("cannot ", what, " ", path, ": ",
                                                        std::generic_category().message(error)));
}

std::string NameOf(const SegmentWriter::Options& options, uint64_t number) {
  std::string digits = absl::StrCat(number);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  return absl::StrCat(options.name, "-", digits, kSuffix);
}

std::string PathOf(const SegmentWriter::Options& options, uint64_t number) {
  return absl::StrCat(options.folder, "/", NameOf(options, number));
}

// 0 if `file` is none of ours.
uint64_t NumberOf(const SegmentWriter::Options& options, absl::string_view file) {
  uint64_t number = 0;
  if (!absl::ConsumePrefix(&file, absl::StrCat(options.name, "-")) ||
      !absl::ConsumeSuffix(&file, kSuffix) || !absl::SimpleAtoi(file, &number)) {
    return 0;
  }
  return number;
}

absl::StatusOr<uint64_t> NewestNumber(const SegmentWriter::Options& options) {
  std::error_code error;
  uint64_t newest = 0;
  for (std::filesystem::directory_iterator it(options.folder, error), end; !error && it != end;
       it.increment(error)) {
    newest = std::max(newest, NumberOf(options, it->path().filename().string()));
  }
  if (error) return Failure("list", options.folder, error.value());
  return newest;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SegmentWriter>> SegmentWriter::Open(Options options) {
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error) return Failure("make", options.folder, error.value());
  NEXUS_ASSIGN_OR_RETURN(const uint64_t newest, NewestNumber(options));
  std::unique_ptr<SegmentWriter> writer(new SegmentWriter(std::move(options)));
  NEXUS_RETURN_IF_ERROR(writer->OpenFile(std::max<uint64_t>(1, newest)));
  return writer;
}

SegmentWriter::~SegmentWriter() { Close(); }

absl::StatusOr<uint64_t> SegmentWriter::Append(absl::string_view lines) {
  if (fd_ < 0 || (size_ > 0 && size_ + lines.size() > options_.segment_bytes_max)) {
    NEXUS_RETURN_IF_ERROR(OpenFile(number_ + 1));
  }
  absl::string_view rest = lines;
  while (!rest.empty()) {
    const ssize_t written = write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const absl::Status failure = Failure("write", path(), errno);
      if (!CutTo(size_)) Abandon();
      return failure;
    }
    rest.remove_prefix(static_cast<size_t>(written));
  }
  if (fdatasync(fd_) != 0) {
    // The kernel has dropped what it could not write and would say OK the next time.
    const absl::Status failure = Failure("sync", path(), errno);
    Abandon();
    return failure;
  }
  return std::exchange(size_, size_ + lines.size());
}

std::string SegmentWriter::path() const { return PathOf(options_, number_); }

std::string SegmentWriter::name() const { return NameOf(options_, number_); }

absl::Status SegmentWriter::OpenFile(uint64_t number) {
  const std::string path = PathOf(options_, number);
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (fd < 0) return Failure("open", path, errno);
  Close();
  fd_ = fd;
  number_ = number;
  absl::Status status = CutTornLine();
  if (status.ok()) status = SyncFolder();
  if (!status.ok()) {
    Close();
    number_ = number - 1;  // the same file is tried again
  }
  return status;
}

// Leaves the file at the end of its last whole line.
absl::Status SegmentWriter::CutTornLine() {
  struct stat about;
  if (fstat(fd_, &about) != 0) return Failure("stat", path(), errno);
  const auto size = static_cast<uint64_t>(about.st_size);
  uint64_t end = size;
  std::string chunk;
  while (end > 0) {
    const uint64_t from = end > kChunk ? end - kChunk : 0;
    chunk.resize(end - from);
    const ssize_t got = pread(fd_, chunk.data(), chunk.size(), static_cast<off_t>(from));
    if (got != static_cast<ssize_t>(chunk.size()))
      return Failure("read", path(), got < 0 ? errno : EIO);
    const size_t newline = chunk.rfind('\n');
    if (newline != std::string::npos) {
      end = from + newline + 1;
      break;
    }
    end = from;
  }
  size_ = end;
  if (end == size) return absl::OkStatus();
  if (!CutTo(end) || fsync(fd_) != 0) {
    return Failure("repair", path(), errno);
  }
  return absl::OkStatus();
}

absl::Status SegmentWriter::SyncFolder() const {
  const int folder = open(options_.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return Failure("open", options_.folder, errno);
  const int outcome = fsync(folder);
  const int error = errno;
  close(folder);
  return outcome == 0 ? absl::OkStatus() : Failure("sync", options_.folder, error);
}

bool SegmentWriter::CutTo(uint64_t size) { return ftruncate(fd_, static_cast<off_t>(size)) == 0; }

// What could not be synced does not count, so it should not be read either; if it stays all the
// same, its events are there twice, which readers know how to handle.
void SegmentWriter::Abandon() {
  (void)CutTo(size_);
  Close();
}

void SegmentWriter::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  size_ = 0;
}

}  // namespace nexus::sink
