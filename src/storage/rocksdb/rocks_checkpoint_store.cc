#include "storage/rocksdb/rocks_checkpoint_store.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/byte_codec.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/rocks_status.h"

namespace nexus::storage {
namespace {

constexpr char kScrubKey[] = "scrub";

std::string CheckpointKey(absl::string_view reader) { return absl::StrCat("c", reader); }

std::string EncodeCheckpoint(Position position) {
  std::string out;
  AppendU8(out, kFormat);
  AppendU64(out, position.value);
  return out;
}

}  // namespace

absl::StatusOr<std::optional<Position>> RocksCheckpointStore::Load(absl::string_view reader) {
  std::string value;
  const rocksdb::Status got = database_.db().Get(rocksdb::ReadOptions(), database_.checkpoints(),
                                                 CheckpointKey(reader), &value);
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

void PutCheckpoint(DerivedDatabase& database, absl::string_view reader, Position position,
                   rocksdb::WriteBatch& write) {
  write.Put(database.checkpoints(), CheckpointKey(reader), EncodeCheckpoint(position));
}

absl::Status RocksCheckpointStore::Save(absl::string_view reader, Position position) {
  return ToStatus(database_.db().Put(rocksdb::WriteOptions(), database_.checkpoints(),
                                     CheckpointKey(reader), EncodeCheckpoint(position)),
                  "saving a checkpoint");
}

absl::StatusOr<ScrubState> RocksCheckpointStore::LoadScrubState() {
  std::string value;
  NEXUS_RETURN_IF_ERROR(ToStatus(
      database_.db().Get(rocksdb::ReadOptions(), database_.checkpoints(), kScrubKey, &value),
      "reading the scrubber's row"));
  return DecodeScrubState(value);
}

absl::Status RocksCheckpointStore::SaveScrubState(const ScrubState& state) {
  return ToStatus(database_.db().Put(rocksdb::WriteOptions(), database_.checkpoints(), kScrubKey,
                                     EncodeScrubState(state)),
                  "saving the scrubber's row");
}

}  // namespace nexus::storage
