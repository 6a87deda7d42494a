#pragma once

// Reads write-ahead logs without RocksDB, to tell an end that was cut short from damage.
//
// Every record of this log was synced before the next one was begun. So a later record behind a bad
// one proves that the bad one had been acknowledged; a bad one with nothing behind it was not.
// Not thread-safe. Takes any bytes: nothing in them can make it fail.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace rocksdb {
class FileSystem;
}  // namespace rocksdb

namespace nexus::storage {

inline constexpr size_t kWalBlockBytes = 32 << 10;

struct WalPlace {
  uint64_t file = 0;  // number of the write-ahead log
  uint64_t offset = 0;

  friend bool operator==(const WalPlace&, const WalPlace&) = default;
};

struct WalScan {
  uint64_t records = 0;                   // whole ones before the first bad one
  std::optional<WalPlace> bad = {};       // the first record that is not whole
  std::optional<WalPlace> hole = {};      // zeros up to the end of a block
  std::optional<WalPlace> evidence = {};  // a later record that was begun behind it

  bool torn() const { return bad.has_value() && !evidence.has_value(); }
  bool damaged() const { return evidence.has_value(); }
};

class WalScanner {
 public:
  // Blocks of one file follow, then those of the next newer one.
  void BeginFile(uint64_t number);
  // All blocks but a file's last have kWalBlockBytes.
  void Block(absl::string_view block);
  void EndFile();

  // More blocks cannot change what is known.
  bool decided() const { return scan_.damaged(); }
  const WalScan& scan() const { return scan_; }

 private:
  struct Fragment;

  std::optional<Fragment> FragmentAt(absl::string_view block, size_t at) const;
  void Take(const Fragment& fragment, uint64_t offset);
  void BeginRecord(uint64_t offset);
  void Extend(absl::string_view payload);
  void Bad(uint64_t offset);
  void Judge();
  void EndRecord();

  WalScan scan_;
  uint64_t last_sequence_ = 0;  // of the last record before the first bad one

  uint64_t file_ = 0;
  uint64_t block_offset_ = 0;
  bool in_record_ = false;
  uint64_t record_offset_ = 0;
  std::string record_head_;  // its first bytes, which may be spread over fragments
};

// Scans the logs with these numbers, ascending, in `folder`. DATA_LOSS if a file cannot be read.
absl::StatusOr<WalScan> ScanWals(rocksdb::FileSystem& files, const std::string& folder,
                                 const std::vector<uint64_t>& numbers);

}  // namespace nexus::storage
