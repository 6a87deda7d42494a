#include "storage/rocksdb/derived_database.h"

#include <rocksdb/cache.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/rocks_status.h"

namespace nexus::storage {
namespace {

constexpr char kIndexFamily[] = "index";
constexpr char kEgressFamily[] = "egress";
constexpr char kSnapshotFamily[] = "snapshots";
constexpr size_t kCheckpointMemtableBytes = 4 << 20;
// What of the index is indexed again after a crash, at most: its writes bypass the WAL.
constexpr size_t kPostingsMemtableBytes = 8 << 20;
constexpr size_t kEgressMemtableBytes = 4 << 20;
constexpr size_t kSnapshotMemtableBytes = 8 << 20;
constexpr size_t kPostingsCacheBytes = 16 << 20;
constexpr size_t kDerivedInfoLogsKept = 2;
constexpr size_t kDerivedInfoLogBytesMax = 4 << 20;

rocksdb::DBOptions DerivedOptions() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.keep_log_file_num = kDerivedInfoLogsKept;
  options.max_log_file_size = kDerivedInfoLogBytesMax;
  options.max_background_flushes = 1;
  options.max_background_compactions = 1;
  // Whatever a power cut left of the end is good enough.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  return options;
}

rocksdb::ColumnFamilyOptions CheckpointOptions() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = kCheckpointMemtableBytes;
  return options;
}

rocksdb::ColumnFamilyOptions PostingsOptions() {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(kPostingsCacheBytes);
  table.format_version = 5;
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = kPostingsMemtableBytes;
  options.compression = rocksdb::kLZ4Compression;
  return options;
}

rocksdb::ColumnFamilyOptions EgressOptions() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = kEgressMemtableBytes;
  options.compression = rocksdb::kLZ4Compression;
  return options;
}

rocksdb::ColumnFamilyOptions SnapshotOptions() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = kSnapshotMemtableBytes;
  options.compression = rocksdb::kLZ4Compression;
  return options;
}

bool IsKnown(const std::string& family) {
  return family == rocksdb::kDefaultColumnFamilyName || family == kIndexFamily ||
         family == kEgressFamily || family == kSnapshotFamily;
}

std::vector<rocksdb::ColumnFamilyDescriptor> DerivedFamilies(const std::string& path) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families = {
      {rocksdb::kDefaultColumnFamilyName, CheckpointOptions()},
      {kIndexFamily, PostingsOptions()},
      {kEgressFamily, EgressOptions()},
      {kSnapshotFamily, SnapshotOptions()}};
  std::vector<std::string> names;
  // Fails where there is no database yet; what is damaged shows when it is opened.
  rocksdb::DB::ListColumnFamilies(rocksdb::Options(), path, &names).PermitUncheckedError();
  for (const std::string& name : names) {
    if (!IsKnown(name)) families.push_back({name, rocksdb::ColumnFamilyOptions()});
  }
  return families;
}

// RocksDB has no code of its own for a lock that is held.
bool IsLocked(const rocksdb::Status& status) {
  return status.IsIOError() && status.ToString().find("lock") != std::string::npos;
}

// The files do not make a database: another try finds the same.
bool IsDamage(const rocksdb::Status& status) {
  return status.IsCorruption() || status.IsNotFound() || status.IsPathNotFound() ||
         status.IsInvalidArgument() || status.IsNotSupported();
}

}  // namespace

absl::StatusOr<std::unique_ptr<DerivedDatabase>> DerivedDatabase::Open(
    const std::string& data_folder) {
  std::unique_ptr<DerivedDatabase> database(new DerivedDatabase());
  const std::string path = data_folder + "/derived";
  rocksdb::Status opened = database->OpenAt(path);
  if (IsLocked(opened)) {
    return MakeError(ErrorReason::kDataFolderLocked,
                     absl::StrCat("'", path, "' is in use: ", opened.ToString()));
  }
  if (IsDamage(opened)) {
    database->damage_ = opened.ToString();
    const std::string aside = path + ".damaged";
    std::error_code failed;
    std::filesystem::remove_all(aside, failed);
    if (!failed) std::filesystem::rename(path, aside, failed);
    if (failed) {
      return MakeError(ErrorReason::kInternal,
                       absl::StrCat("'", path, "' is damaged and cannot be moved aside: ",
                                    failed.message(), " (it may be deleted: it is rebuilt)"));
    }
    opened = database->OpenAt(path);
  }
  NEXUS_RETURN_IF_ERROR(
      ToStatus(opened, absl::StrCat("opening '", path, "' (it may be deleted: it is rebuilt)")));
  return database;
}

rocksdb::Status DerivedDatabase::OpenAt(const std::string& path) {
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::Status opened =
      rocksdb::DB::Open(DerivedOptions(), path, DerivedFamilies(path), &handles, &db);
  if (!opened.ok()) return opened;
  db_.reset(db);
  checkpoints_ = handles[0];
  egress_ = handles[2];
  snapshots_ = handles[3];
  unknown_.assign(handles.begin() + 4, handles.end());
  absl::MutexLock lock(&mutex_);
  index_ = Own(handles[1]);
  return opened;
}

DerivedDatabase::~DerivedDatabase() {
  if (db_ == nullptr) return;
  {
    absl::MutexLock lock(&mutex_);
    index_.reset();
  }
  // What is not written yet is made again.
  unknown_.push_back(checkpoints_);
  unknown_.push_back(egress_);
  unknown_.push_back(snapshots_);
  for (rocksdb::ColumnFamilyHandle* family : unknown_) {
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
  db_->Close().PermitUncheckedError();
}

DerivedDatabase::Family DerivedDatabase::Own(rocksdb::ColumnFamilyHandle* handle) {
  // Shared: a reader may be in the old family while the new one is in use.
  return Family(handle, [db = db_.get()](rocksdb::ColumnFamilyHandle* family) {
    db->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  });
}

DerivedDatabase::Family DerivedDatabase::index() {
  absl::MutexLock lock(&mutex_);
  return index_;
}

absl::Status DerivedDatabase::ClearIndex() {
  absl::MutexLock lock(&mutex_);
  const rocksdb::Status dropped = db_->DropColumnFamily(index_.get());
  // Dropped already: an earlier call came only so far.
  if (!dropped.IsColumnFamilyDropped()) {
    NEXUS_RETURN_IF_ERROR(ToStatus(dropped, "clearing the index"));
  }
  rocksdb::ColumnFamilyHandle* fresh = nullptr;
  NEXUS_RETURN_IF_ERROR(ToStatus(db_->CreateColumnFamily(PostingsOptions(), kIndexFamily, &fresh),
                                 "making a new index"));
  index_ = Own(fresh);
  return absl::OkStatus();
}

}  // namespace nexus::storage
