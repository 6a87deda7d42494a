#include "storage/rocksdb/rocks_checkpoint_store.h"

#include <rocksdb/db.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/byte_codec.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/rocks_status.h"

namespace nexus::storage {
namespace {

constexpr char kScrubKey[] = "scrub";
constexpr size_t kMemtableBytes = 4 << 20;
constexpr size_t kDerivedInfoLogsKept = 2;

std::string CheckpointKey(absl::string_view reader) { return absl::StrCat("c", reader); }

std::string EncodeCheckpoint(Position position) {
  std::string out;
  AppendU8(out, kFormat);
  AppendU64(out, position.value);
  return out;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RocksCheckpointStore>> RocksCheckpointStore::Open(
    const std::string& data_folder) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = kMemtableBytes;
  options.keep_log_file_num = kDerivedInfoLogsKept;
  // Whatever a power cut left of the end is good enough.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  const std::string path = data_folder + "/derived";
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(options, path, &db);
  // RocksDB has no code of its own for a lock that is held.
  if (opened.IsIOError() && opened.ToString().find("lock") != std::string::npos) {
    return MakeError(ErrorReason::kDataFolderLocked,
                     absl::StrCat("'", path, "' is in use: ", opened.ToString()));
  }
  NEXUS_RETURN_IF_ERROR(
      ToStatus(opened, absl::StrCat("opening '", path, "' (it may be deleted: it is rebuilt)")));
  return std::unique_ptr<RocksCheckpointStore>(
      new RocksCheckpointStore(std::unique_ptr<rocksdb::DB>(db)));
}

RocksCheckpointStore::RocksCheckpointStore(std::unique_ptr<rocksdb::DB> db) : db_(std::move(db)) {}
RocksCheckpointStore::~RocksCheckpointStore() = default;

absl::StatusOr<std::optional<Position>> RocksCheckpointStore::Load(absl::string_view reader) {
  std::string value;
  const rocksdb::Status got = db_->Get(rocksdb::ReadOptions(), CheckpointKey(reader), &value);
  if (got.IsNotFound()) return std::optional<Position>();
  NEXUS_RETURN_IF_ERROR(ToStatus(got, "reading a checkpoint"));
  ByteReader in(value);
  const uint8_t format = in.U8();
  const Position position(in.U64());
  if (!in.done() || format != kFormat) {
    return MakeError(ErrorReason::kDataLoss,
                     absl::StrCat("the checkpoint of '", reader, "' is damaged"));
  }
  return std::optional<Position>(position);
}

absl::Status RocksCheckpointStore::Save(absl::string_view reader, Position position) {
  return ToStatus(
      db_->Put(rocksdb::WriteOptions(), CheckpointKey(reader), EncodeCheckpoint(position)),
      "saving a checkpoint");
}

absl::StatusOr<ScrubState> RocksCheckpointStore::LoadScrubState() {
  std::string value;
  NEXUS_RETURN_IF_ERROR(
      ToStatus(db_->Get(rocksdb::ReadOptions(), kScrubKey, &value), "reading the scrubber's row"));
  return DecodeScrubState(value);
}

absl::Status RocksCheckpointStore::SaveScrubState(const ScrubState& state) {
  return ToStatus(db_->Put(rocksdb::WriteOptions(), kScrubKey, EncodeScrubState(state)),
                  "saving the scrubber's row");
}

}  // namespace nexus::storage
