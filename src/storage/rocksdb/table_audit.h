#pragma once

// Whether the table files are, byte for byte, what RocksDB wrote: reads each whole file and
// compares its checksum with the manifest's. A block cache cannot hide damage from it.
//
// Not thread-safe. Files come and go by compaction: one that has gone is not missing.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/rocksdb/log_database.h"

namespace rocksdb {
class FileChecksumGenerator;
class FSSequentialFile;
}  // namespace rocksdb

namespace nexus::storage {

class TableAudit {
 public:
  TableAudit(LogDatabase& database, std::function<void(std::string)> found);
  ~TableAudit();

  // Reads about `bytes` more. True once all files were read.
  bool Advance(uint64_t bytes);

 private:
  struct Table {
    std::string path;
    std::string checksum;
  };

  bool BeginFile();
  void EndFile();
  bool StillLive(const Table& table) const;

  LogDatabase& database_;
  const std::function<void(std::string)> found_;
  std::vector<Table> left_;
  Table current_;
  std::unique_ptr<rocksdb::FSSequentialFile> file_;  // null: none is being read
  std::unique_ptr<rocksdb::FileChecksumGenerator> sum_;
  std::string buffer_;
};

}  // namespace nexus::storage
