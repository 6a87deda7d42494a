#include "storage/rocksdb/wal_scanner.h"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <memory>

#include "nexus/core/status_macros.h"
#include "storage/rocksdb/crc32c.h"
#include "storage/rocksdb/log_files.h"
#include "storage/rocksdb/rocks_status.h"

namespace nexus::storage {
namespace {

constexpr size_t kHeaderBytes = 7;             // crc, length, type
constexpr size_t kRecyclableHeaderBytes = 11;  // and the number of the file
constexpr size_t kTypeOffset = 6;
constexpr uint8_t kFull = 1;
constexpr uint8_t kFirst = 2;
constexpr uint8_t kMiddle = 3;
constexpr uint8_t kLast = 4;
constexpr uint8_t kRecyclable = 4;  // added to each of the types above
constexpr size_t kRecordHeadBytes = 12;

uint64_t Little(absl::string_view bytes) {
  uint64_t n = 0;
  for (size_t i = bytes.size(); i > 0; --i) n = (n << 8) | static_cast<uint8_t>(bytes[i - 1]);
  return n;
}

// Checksums are stored rotated and shifted, because a log may hold checksums itself.
uint32_t Masked(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

}  // namespace

struct WalScanner::Fragment {
  uint8_t type = 0;  // without the mark of a recyclable one
  absl::string_view payload;
  size_t bytes = 0;  // header and payload
};

// Nothing unless a whole fragment whose checksum fits stands there.
std::optional<WalScanner::Fragment> WalScanner::FragmentAt(absl::string_view block,
                                                           size_t at) const {
  const absl::string_view rest = block.substr(at);
  if (rest.size() < kHeaderBytes) return std::nullopt;
  const uint8_t type = static_cast<uint8_t>(rest[kTypeOffset]);
  if (type < kFull || type > kLast + kRecyclable) return std::nullopt;
  const bool recyclable = type > kLast;
  const size_t header = recyclable ? kRecyclableHeaderBytes : kHeaderBytes;
  const size_t length = Little(rest.substr(4, 2));
  if (rest.size() < header + length) return std::nullopt;
  if (recyclable && Little(rest.substr(kHeaderBytes, 4)) != (file_ & 0xffffffffu)) {
    return std::nullopt;
  }
  const absl::string_view covered = rest.substr(kTypeOffset, header - kTypeOffset + length);
  if (Little(rest.substr(0, 4)) != Masked(Crc32c(covered))) return std::nullopt;
  Fragment fragment;
  fragment.type = recyclable ? static_cast<uint8_t>(type - kRecyclable) : type;
  fragment.payload = rest.substr(header, length);
  fragment.bytes = header + length;
  return fragment;
}

void WalScanner::BeginFile(uint64_t number) {
  file_ = number;
  block_offset_ = 0;
  in_record_ = false;
}

void WalScanner::Block(absl::string_view block) {
  size_t at = 0;
  const size_t last_set = block.find_last_not_of('\0');
  const size_t zeros_from = last_set == absl::string_view::npos ? 0 : last_set + 1;
  while (at < block.size() && !decided()) {
    const size_t left = block.size() - at;
    // Too short for a header: filled up, if the block is whole.
    if (left < kHeaderBytes && block.size() == kWalBlockBytes) break;
    if (const std::optional<Fragment> fragment = FragmentAt(block, at)) {
      Take(*fragment, block_offset_ + at);
      at += fragment->bytes;
      continue;
    }
    if (at >= zeros_from) {
      if (!scan_.hole.has_value()) scan_.hole = WalPlace{file_, block_offset_ + at};
      break;
    }
    // Its length cannot be trusted: the next one may begin at any byte.
    Bad(block_offset_ + at);
    ++at;
  }
  block_offset_ += block.size();
}

void WalScanner::EndFile() {
  if (in_record_) Bad(record_offset_);
}

void WalScanner::Take(const Fragment& fragment, uint64_t offset) {
  const bool begins = fragment.type == kFull || fragment.type == kFirst;
  if (begins) {
    if (in_record_) Bad(record_offset_);  // its end never came
    BeginRecord(offset);
  } else if (!in_record_) {
    // Behind a bad one this may be the rest of the same record, which proves nothing.
    if (!scan_.bad.has_value()) Bad(offset);
    return;
  }
  Extend(fragment.payload);
  if (fragment.type == kFull || fragment.type == kLast) EndRecord();
}

void WalScanner::BeginRecord(uint64_t offset) {
  in_record_ = true;
  record_offset_ = offset;
  record_head_.clear();
}

void WalScanner::Extend(absl::string_view payload) {
  const size_t room = kRecordHeadBytes - record_head_.size();
  if (room == 0) return;
  const absl::string_view part = payload.substr(0, room);
  record_head_.append(part.data(), part.size());
  if (record_head_.size() == kRecordHeadBytes) Judge();
}

// The beginning of a record is enough: it was written after the sync of the one before.
void WalScanner::Judge() {
  const uint64_t sequence = Little(absl::string_view(record_head_).substr(0, 8));
  const uint64_t count = Little(absl::string_view(record_head_).substr(8, 4));
  if (!scan_.bad.has_value() && scan_.hole.has_value()) scan_.bad = scan_.hole;
  if (!scan_.bad.has_value()) {
    last_sequence_ = std::max(last_sequence_, sequence + std::max<uint64_t>(count, 1) - 1);
    return;
  }
  // An empty record is what RocksDB writes when it opens; an old number is a copy inside of data.
  if (count > 0 && sequence > last_sequence_) scan_.evidence = WalPlace{file_, record_offset_};
}

void WalScanner::Bad(uint64_t offset) {
  in_record_ = false;
  if (!scan_.bad.has_value()) scan_.bad = WalPlace{file_, offset};
}

void WalScanner::EndRecord() {
  in_record_ = false;
  if (record_head_.size() < kRecordHeadBytes) return Bad(record_offset_);
  if (!scan_.bad.has_value()) ++scan_.records;
}

absl::StatusOr<WalScan> ScanWals(rocksdb::FileSystem& files, const std::string& folder,
                                 const std::vector<uint64_t>& numbers) {
  WalScanner scanner;
  std::string buffer(kWalBlockBytes, '\0');
  for (const uint64_t number : numbers) {
    const std::string path = WalPath(folder, number);
    std::unique_ptr<rocksdb::FSSequentialFile> file;
    NEXUS_RETURN_IF_ERROR(
        ToStatus(files.NewSequentialFile(path, rocksdb::FileOptions(), &file, nullptr),
                 "opening a write-ahead log"));
    scanner.BeginFile(number);
    for (bool more = true; more && !scanner.decided();) {
      rocksdb::Slice read;
      NEXUS_RETURN_IF_ERROR(
          ToStatus(file->Read(buffer.size(), rocksdb::IOOptions(), &read, buffer.data(), nullptr),
                   "reading a write-ahead log"));
      scanner.Block(absl::string_view(read.data(), read.size()));
      more = read.size() == buffer.size();
    }
    scanner.EndFile();
  }
  return scanner.scan();
}

}  // namespace nexus::storage
