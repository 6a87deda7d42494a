#include "policy/bundle/archive.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/bundle/gzip.h"

namespace nexus::policy {
namespace {

// POSIX ustar: each file is a header of one block, then its bytes, filled up to a block.
constexpr size_t kBlock = 512;
constexpr size_t kNameBytes = 100;

struct Field {
  size_t offset;
  size_t size;
};
constexpr Field kName{0, kNameBytes};
constexpr Field kMode{100, 8};
constexpr Field kSize{124, 12};
constexpr Field kTime{136, 12};
constexpr Field kChecksum{148, 8};
constexpr Field kType{156, 1};
constexpr Field kMagic{257, 8};
constexpr Field kPrefix{345, 155};

absl::Status Refuse(absl::string_view why) {
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat("the bundle is not a sound tar archive: ", why));
}

absl::string_view Text(absl::string_view header, Field field) {
  const absl::string_view text = header.substr(field.offset, field.size);
  return text.substr(0, std::min(text.find('\0'), text.size()));
}

absl::StatusOr<size_t> Octal(absl::string_view header, Field field) {
  size_t number = 0;
  for (const char c : absl::StripAsciiWhitespace(Text(header, field))) {
    if (c < '0' || c > '7' || number > (size_t{1} << 40)) return Refuse("a number in a header");
    number = number * 8 + static_cast<size_t>(c - '0');
  }
  return number;
}

// The sum of all bytes, the checksum's own taken as spaces.
size_t Sum(absl::string_view header) {
  size_t sum = 0;
  for (size_t i = 0; i < kBlock; ++i) {
    const bool own = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.size;
    sum += own ? ' ' : static_cast<unsigned char>(header[i]);
  }
  return sum;
}

// Of "LENGTH key=value\n" records, the value of `path`.
std::string PathRecord(absl::string_view records) {
  while (!records.empty()) {
    const size_t space = records.find(' ');
    size_t length = 0;
    if (space == absl::string_view::npos || !absl::SimpleAtoi(records.substr(0, space), &length) ||
        length <= space || length > records.size()) {
      return "";
    }
    absl::string_view record = records.substr(space + 1, length - space - 1);
    if (absl::ConsumePrefix(&record, "path=")) {
      absl::ConsumeSuffix(&record, "\n");
      return std::string(record);
    }
    records.remove_prefix(length);
  }
  return "";
}

// Attributes and long names: of the next entry or, of 'g', of all.
bool IsAboutTheNext(char type) { return type == 'x' || type == 'g' || type == 'L' || type == 'K'; }

absl::StatusOr<std::string> CleanPath(absl::string_view path) {
  while (absl::ConsumePrefix(&path, "/") || absl::ConsumePrefix(&path, "./")) {
  }
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (part == "..") return Refuse(absl::StrCat("the path ", path, " leads out of it"));
  }
  return std::string(path);
}

class TarReader {
 public:
  explicit TarReader(absl::string_view tar) : rest_(tar) {}

  absl::StatusOr<std::vector<PolicyFile>> ReadAll() {
    while (rest_.size() >= kBlock &&
           rest_.substr(0, kBlock).find_first_not_of('\0') != absl::string_view::npos) {
      NEXUS_RETURN_IF_ERROR(ReadEntry());
    }
    return std::move(files_);
  }

 private:
  absl::Status ReadEntry() {
    const absl::string_view header = rest_.substr(0, kBlock);
    NEXUS_ASSIGN_OR_RETURN(const size_t sum, Octal(header, kChecksum));
    if (sum != Sum(header)) return Refuse("the checksum of a header");
    NEXUS_ASSIGN_OR_RETURN(const size_t size, Octal(header, kSize));
    rest_.remove_prefix(kBlock);
    if (size > rest_.size()) return Refuse("it ends within a file");
    const absl::string_view content = rest_.substr(0, size);
    rest_.remove_prefix(std::min(rest_.size(), (size + kBlock - 1) / kBlock * kBlock));
    const char type = header[kType.offset];
    if (type == 'x') long_path_ = PathRecord(content);
    if (type == 'L') long_path_ = std::string(content.substr(0, content.find('\0')));
    if (IsAboutTheNext(type)) return absl::OkStatus();
    std::string path = std::exchange(long_path_, "");
    if (type != '0' && type != '\0') return absl::OkStatus();  // folders, links
    if (path.empty()) {
      const absl::string_view prefix = Text(header, kPrefix);
      path = absl::StrCat(prefix, prefix.empty() ? "" : "/", Text(header, kName));
    }
    NEXUS_ASSIGN_OR_RETURN(path, CleanPath(path));
    files_.push_back({std::move(path), std::string(content)});
    return absl::OkStatus();
  }

  absl::string_view rest_;
  std::string long_path_;  // of the next file or folder, from an entry before it
  std::vector<PolicyFile> files_;
};

void Put(std::string& header, Field field, absl::string_view text) {
  std::memcpy(&header[field.offset], text.data(), text.size());
}

}  // namespace

absl::StatusOr<std::vector<PolicyFile>> ReadArchive(absl::string_view tar_gz, size_t bytes_max) {
  NEXUS_ASSIGN_OR_RETURN(const std::string tar, Gunzip(tar_gz, bytes_max));
  return TarReader(tar).ReadAll();
}

absl::StatusOr<std::string> WriteArchive(const std::vector<PolicyFile>& files) {
  std::string tar;
  for (const PolicyFile& file : files) {
    if (file.path.size() > kNameBytes) {
      return MakeError(ErrorReason::kConfigurationInvalid,
                       absl::StrCat("the path ", file.path, " has more than 100 bytes"));
    }
    std::string header(kBlock, '\0');
    Put(header, kName, file.path);
    Put(header, kMode, "0000644");
    Put(header, kSize, absl::StrFormat("%011o", file.content.size()));
    Put(header, kTime, "00000000000");
    Put(header, kType, "0");
    Put(header, kMagic, absl::string_view("ustar\00000", 8));
    Put(header, kChecksum, absl::StrFormat("%06o", Sum(header)));
    header[kChecksum.offset + 7] = ' ';
    absl::StrAppend(&tar, header, file.content);
    tar.append((kBlock - file.content.size() % kBlock) % kBlock, '\0');
  }
  tar.append(2 * kBlock, '\0');
  return Gzip(tar);
}

}  // namespace nexus::policy
