#include "storage/rocksdb/table_audit.h"

#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/file_system.h>
#include <rocksdb/metadata.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace nexus::storage {
namespace {

constexpr size_t kChunkBytes = 1 << 20;

std::vector<rocksdb::LiveFileMetaData> LiveTables(LogDatabase& database) {
  std::vector<rocksdb::LiveFileMetaData> tables;
  database.db().GetLiveFilesMetaData(&tables);
  return tables;
}

std::string TablePath(const rocksdb::LiveFileMetaData& table) {
  return absl::StrCat(table.db_path, table.name);
}

}  // namespace

TableAudit::TableAudit(LogDatabase& database, std::function<void(std::string)> found)
    : database_(database), found_(std::move(found)), buffer_(kChunkBytes, '\0') {
  for (const rocksdb::LiveFileMetaData& table : LiveTables(database)) {
    // A table that was written without these options has no checksum of the whole.
    if (table.file_checksum_func_name == rocksdb::kUnknownFileChecksumFuncName) continue;
    left_.push_back({TablePath(table), table.file_checksum});
  }
}

TableAudit::~TableAudit() = default;

bool TableAudit::Advance(uint64_t bytes) {
  for (uint64_t read_bytes = 0; read_bytes < bytes;) {
    if (file_ == nullptr && !BeginFile()) {
      if (left_.empty()) return true;
      continue;
    }
    rocksdb::Slice read;
    const rocksdb::IOStatus status =
        file_->Read(buffer_.size(), rocksdb::IOOptions(), &read, buffer_.data(), nullptr);
    if (!status.ok()) {
      if (StillLive(current_))
        found_(absl::StrCat("reading ", current_.path, ": ", status.ToString()));
      file_.reset();
      continue;
    }
    sum_->Update(read.data(), read.size());
    read_bytes += std::max<size_t>(read.size(), 1);
    if (read.size() < buffer_.size()) EndFile();
  }
  return file_ == nullptr && left_.empty();
}

// False: there is no other file, or it could not be opened.
bool TableAudit::BeginFile() {
  if (left_.empty()) return false;
  current_ = std::move(left_.back());
  left_.pop_back();
  rocksdb::FileChecksumGenContext context;
  context.file_name = current_.path;
  sum_ = rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator(context);
  rocksdb::FileSystem& files = *database_.db().GetEnv()->GetFileSystem();
  const rocksdb::IOStatus opened =
      files.NewSequentialFile(current_.path, rocksdb::FileOptions(), &file_, nullptr);
  if (opened.ok()) return true;
  file_.reset();
  if (StillLive(current_)) {
    found_(absl::StrCat("opening ", current_.path, ": ", opened.ToString()));
  }
  return false;
}

void TableAudit::EndFile() {
  sum_->Finalize();
  if (sum_->GetChecksum() != current_.checksum && StillLive(current_)) {
    found_(absl::StrCat("the table file ", current_.path, " is not what was written"));
  }
  file_.reset();
}

bool TableAudit::StillLive(const Table& table) const {
  const std::vector<rocksdb::LiveFileMetaData> live = LiveTables(database_);
  return std::any_of(live.begin(), live.end(), [&](const rocksdb::LiveFileMetaData& other) {
    return TablePath(other) == table.path;
  });
}

}  // namespace nexus::storage
