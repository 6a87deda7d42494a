#include "storage/rocksdb/log_database.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/statistics.h>
#include <rocksdb/table.h>
#include <rocksdb/transaction_log.h>

#include <cstdarg>
#include <utility>
#include <vector>

#include "nexus/core/planted_fault.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/anchor_file.h"

namespace nexus::storage {
namespace {

constexpr const char* kFamilies[] = {"default",        "commits",    "streams",
                                     "stream_commits", "commit_ids", "event_ids"};
constexpr size_t kInfoLogsKept = 4;
constexpr size_t kInfoLogBytesMax = 8 << 20;
constexpr size_t kIndexMemtableShare = 4;
constexpr int kFilterBitsPerKey = 10;
constexpr double kMemtableBloomRatio = 0.1;
constexpr size_t kStreamNumberBytes = 8;

// Looking must not leave a trace in the folder.
class NoInfoLog : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::DBOptions DatabaseOptions(const LogDatabaseOptions& in,
                                   std::shared_ptr<LogEvents> events) {
  rocksdb::DBOptions options;
  if (in.env != nullptr) options.env = in.env;
  options.create_if_missing = in.may_create;
  options.create_missing_column_families = in.may_create;
  options.paranoid_checks = true;
  // What the scan of the write-ahead logs has not found to be torn refuses to open if it is bad.
  options.wal_recovery_mode = in.point_in_time
                                  ? rocksdb::WALRecoveryMode::kPointInTimeRecovery
                                  : rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  if (IsPlanted(PlantedFault::kDefaultWalRecovery)) {
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  }
  options.recycle_log_file_num = 0;
  options.max_total_wal_size = in.wal_bytes_max;
  options.max_bgerror_resume_count = 0;
  options.fail_if_options_file_error = true;
  options.max_open_files = -1;
  options.max_background_flushes = 1;
  options.max_background_compactions = 1;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  options.write_dbid_to_manifest = true;
  options.keep_log_file_num = kInfoLogsKept;
  options.max_log_file_size = kInfoLogBytesMax;
  options.statistics = rocksdb::CreateDBStatistics();
  options.statistics->set_stats_level(rocksdb::StatsLevel::kExceptHistogramOrTimers);
  if (events != nullptr) options.listeners.push_back(std::move(events));
  if (in.read_only) options.info_log = std::make_shared<NoInfoLog>();
  return options;
}

rocksdb::ColumnFamilyOptions FamilyOptions(const std::shared_ptr<rocksdb::Cache>& cache,
                                           size_t memtable_bytes, bool looked_up_by_key) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.format_version = 5;
  if (looked_up_by_key) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey, false));
  }
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = memtable_bytes;
  options.max_write_buffer_number = 2;
  options.force_consistency_checks = true;
  options.paranoid_file_checks = true;
  options.memtable_protection_bytes_per_key = 8;
  options.compression = rocksdb::kLZ4Compression;
  if (looked_up_by_key) {
    // Most keys that are looked up are not there: the memtable should say so quickly, too.
    options.memtable_whole_key_filtering = true;
    options.memtable_prefix_bloom_size_ratio = kMemtableBloomRatio;
  }
  return options;
}

// Rows of one stream are written in order, but streams take turns: where the last one of each
// stands in the memtable is kept, or every row would be searched for from the top.
rocksdb::ColumnFamilyOptions WithHints(rocksdb::ColumnFamilyOptions options,
                                       const rocksdb::SliceTransform* prefix) {
  options.memtable_insert_with_hint_prefix_extractor.reset(prefix);
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> Families(const LogDatabaseOptions& in) {
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(in.block_cache_bytes);
  const size_t index_bytes = in.memtable_bytes / kIndexMemtableShare;
  return {
      {kFamilies[0], FamilyOptions(cache, index_bytes, false)},
      {kFamilies[1], FamilyOptions(cache, in.memtable_bytes, false)},
      {kFamilies[2], FamilyOptions(cache, index_bytes, true)},
      {kFamilies[3], WithHints(FamilyOptions(cache, index_bytes, false),
                               rocksdb::NewFixedPrefixTransform(kStreamNumberBytes))},
      {kFamilies[4], FamilyOptions(cache, index_bytes, true)},
      {kFamilies[5], FamilyOptions(cache, index_bytes, true)},
  };
}

}  // namespace

absl::StatusOr<std::unique_ptr<LogDatabase>> LogDatabase::Open(const LogDatabaseOptions& options,
                                                               std::shared_ptr<LogEvents> events) {
  std::unique_ptr<LogDatabase> database(new LogDatabase());
  rocksdb::DB* db = nullptr;
  const rocksdb::DBOptions with = DatabaseOptions(options, std::move(events));
  const rocksdb::Status opened =
      options.read_only
          ? rocksdb::DB::OpenForReadOnly(with, options.path, Families(options),
                                         &database->families_, &db)
          : rocksdb::DB::Open(with, options.path, Families(options), &database->families_, &db);
  NEXUS_RETURN_IF_ERROR(ToOpenStatus(opened));
  database->db_.reset(db);
  database->path_ = options.path;
  return database;
}

LogDatabase::~LogDatabase() {
  if (db_ == nullptr) return;
  // Failures here lose nothing: every write was synced when it was acknowledged.
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
  db_->Close().PermitUncheckedError();
}

absl::StatusOr<std::optional<std::string>> LogDatabase::Get(rocksdb::ColumnFamilyHandle* family,
                                                            absl::string_view key) {
  std::string value;
  const rocksdb::Status got = db_->Get(rocksdb::ReadOptions(), family, ToSlice(key), &value);
  if (got.IsNotFound()) return std::optional<std::string>();
  NEXUS_RETURN_IF_ERROR(ToStatus(got, "reading the log"));
  return std::optional<std::string>(std::move(value));
}

std::unique_ptr<rocksdb::Iterator> LogDatabase::NewIterator(rocksdb::ColumnFamilyHandle* family) {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options, family));
}

LogDatabase::BlockRequests LogDatabase::block_requests() const {
  const rocksdb::Statistics& of = *db_->GetDBOptions().statistics;
  return {of.getTickerCount(rocksdb::BLOCK_CACHE_HIT),
          of.getTickerCount(rocksdb::BLOCK_CACHE_MISS)};
}

absl::StatusOr<uint64_t> LogDatabase::NewestWal() {
  std::unique_ptr<rocksdb::LogFile> file;
  NEXUS_RETURN_IF_ERROR(ToStatus(db_->GetCurrentWalFile(&file), "asking for the write-ahead log"));
  return file->LogNumber();
}

absl::Status LogDatabase::SyncFolder() {
  return storage::SyncFolder(*db_->GetEnv()->GetFileSystem(), path_);
}

}  // namespace nexus::storage
