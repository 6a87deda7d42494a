#include "storage/rocksdb/rocks_egress_ledger.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/byte_codec.h"
#include "storage/rocksdb/egress_block.h"
#include "storage/rocksdb/rocks_checkpoint_store.h"
#include "storage/rocksdb/rocks_status.h"

namespace nexus::storage {
namespace {

// A range is deleted now and then, not with every row.
constexpr uint64_t kTrimSteps = 16;

bool Earlier(const EgressRow& a, const EgressRow& b) { return a.position < b.position; }

// Where the block that begins at `from` ends.
size_t BlockEnd(const std::vector<EgressRow>& rows, size_t from) {
  size_t to = from;
  while (to < rows.size() && to - from < kEgressRowsMax &&
         rows[to].position.value - rows[from].position.value < kEgressSpanMax) {
    ++to;
  }
  return to;
}

void PutBlocks(absl::string_view reader, const EgressBatch& batch,
               rocksdb::ColumnFamilyHandle* family, rocksdb::WriteBatch& write) {
  std::vector<EgressRow> rows = batch.rows;
  std::stable_sort(rows.begin(), rows.end(), Earlier);
  for (size_t from = 0; from < rows.size();) {
    const size_t to = BlockEnd(rows, from);
    const absl::Span<const EgressRow> block(rows.data() + from, to - from);
    Timestamp newest;
    for (const EgressRow& row : block) newest = std::max(newest, row.delivered);
    write.Put(family, EgressKey(reader, block.back().position, newest),
              EncodeEgressBlock(block, batch.places));
    from = to;
  }
}

uint64_t LastOf(absl::string_view key, size_t prefix) {
  ByteReader in(key.substr(prefix));
  return in.U64();
}

absl::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace

uint64_t RocksEgressLedger::TrimBelow(absl::string_view reader, Position checkpoint) {
  if (checkpoint.value <= positions_kept_) return 0;
  const uint64_t below = checkpoint.value - positions_kept_;
  absl::MutexLock lock(&mutex_);
  uint64_t& trimmed = trimmed_[std::string(reader)];
  if (below < trimmed + positions_kept_ / kTrimSteps + 1) return 0;
  trimmed = below;
  return below;
}

absl::Status RocksEgressLedger::Save(absl::string_view reader, Position checkpoint,
                                     const EgressBatch& batch) {
  rocksdb::WriteBatch write;
  PutBlocks(reader, batch, database_.egress(), write);
  if (const uint64_t below = TrimBelow(reader, checkpoint); below > 0) {
    write.DeleteRange(database_.egress(), EgressKey(reader, Position(0), {}),
                      EgressKey(reader, Position(below), {}));
  }
  PutCheckpoint(database_, reader, checkpoint, write);
  return ToStatus(database_.db().Write(rocksdb::WriteOptions(), &write),
                  "saving deliveries and a checkpoint");
}

absl::StatusOr<std::vector<Egress>> RocksEgressLedger::Find(Position position) {
  std::vector<Egress> found;
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.egress()));
  it->SeekToFirst();
  while (it->Valid()) {
    const absl::string_view first = ViewOf(it->key());
    const std::string reader(first.substr(0, first.find('\0')));
    const std::string prefix = EgressPrefix(reader);
    // A block that has the position ends there or behind it, and spans so many at most.
    for (it->Seek(EgressKey(reader, position, {})); it->Valid(); it->Next()) {
      const absl::string_view key = ViewOf(it->key());
      if (key.substr(0, prefix.size()) != prefix) break;
      if (LastOf(key, prefix.size()) > position.value + kEgressSpanMax) break;
      NEXUS_ASSIGN_OR_RETURN(EgressBatch block, DecodeEgressBlock(ViewOf(it->value())));
      for (const EgressRow& row : block.rows) {
        if (row.position == position) found.push_back({reader, block.places[row.place], row});
      }
    }
    std::string next = reader;
    next += '\1';  // behind all of the reader
    it->Seek(next);
  }
  NEXUS_RETURN_IF_ERROR(ToStatus(it->status(), "reading deliveries"));
  std::stable_sort(found.begin(), found.end(), [](const Egress& a, const Egress& b) {
    return std::make_pair(a.reader, a.row.delivered) < std::make_pair(b.reader, b.row.delivered);
  });
  return found;
}

absl::Status RocksEgressLedger::ScanReader(rocksdb::Iterator& it, absl::string_view reader,
                                           Position from, Position to, Visit visit) {
  const std::string prefix = EgressPrefix(reader);
  for (it.Seek(EgressKey(reader, from, {})); it.Valid(); it.Next()) {
    const absl::string_view key = ViewOf(it.key());
    if (key.substr(0, prefix.size()) != prefix) break;
    if (LastOf(key, prefix.size()) > to.value + kEgressSpanMax) break;
    NEXUS_ASSIGN_OR_RETURN(const EgressBatch block, DecodeEgressBlock(ViewOf(it.value())));
    for (const EgressRow& row : block.rows) {
      if (row.position >= from && row.position <= to) visit(block.places[row.place], row);
    }
  }
  return absl::OkStatus();
}

absl::Status RocksEgressLedger::Scan(absl::string_view reader, Position from, Position to,
                                     Visit visit) {
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.egress()));
  it->Seek(EgressPrefix(reader));
  while (it->Valid()) {
    const absl::string_view first = ViewOf(it->key());
    const std::string name(first.substr(0, first.find('\0')));
    if (absl::string_view(name).substr(0, reader.size()) != reader) break;
    if (name.size() == reader.size() || name[reader.size()] == '#') {
      NEXUS_RETURN_IF_ERROR(ScanReader(*it, name, from, to, visit));
    }
    it->Seek(absl::StrCat(name, "\1"));  // behind all of the reader
  }
  return ToStatus(it->status(), "reading deliveries");
}

}  // namespace nexus::storage
