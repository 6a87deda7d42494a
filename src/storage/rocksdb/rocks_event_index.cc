#include "storage/rocksdb/rocks_event_index.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/rocks_status.h"

namespace nexus::storage {
namespace {

constexpr size_t kPositionBytes = 8;

using TermView = std::pair<IndexTerm::Kind, absl::string_view>;
using TermEvents = absl::flat_hash_map<TermView, std::vector<Position>>;

TermEvents GroupByTerm(absl::Span<const RecordedEvent> events) {
  TermEvents terms;
  for (const RecordedEvent& event : events) {
    ForEachTerm(event, [&terms, &event](IndexTerm::Kind kind, absl::string_view text) {
      terms[{kind, text}].push_back(event.position);
    });
  }
  return terms;
}

// Puts the positions behind `block`, in as many blocks as it takes; `block` becomes the last one.
void WriteBlocks(const std::string& prefix, const std::vector<Position>& positions,
                 size_t block_events_max, rocksdb::ColumnFamilyHandle* family,
                 rocksdb::WriteBatch& batch, PostingBlock& block) {
  const auto put = [&] {
    batch.Put(family, PostingKey(prefix, block.first), block.deltas).PermitUncheckedError();
  };
  for (const Position position : positions) {
    if (block.count >= block_events_max) {
      put();
      block = PostingBlock();
    }
    block.Append(position);
  }
  put();
}

// Walks the blocks of one term.
class PostingWalk {
 public:
  PostingWalk(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, const IndexTerm& term)
      : prefix_(PostingPrefix(term.kind, term.text)),
        upper_(PostingKey(prefix_, Position(UINT64_MAX))),
        lower_slice_(ToSlice(prefix_)),
        upper_slice_(ToSlice(upper_)) {
    rocksdb::ReadOptions options;
    options.iterate_lower_bound = &lower_slice_;
    options.iterate_upper_bound = &upper_slice_;
    it_.reset(db.NewIterator(options, family));
  }

  absl::StatusOr<std::vector<Position>> Find(PositionRange range, Direction direction, size_t max) {
    std::vector<Position> found;
    const bool forward = direction == Direction::kForward;
    it_->SeekForPrev(PostingKey(prefix_, forward ? range.first : range.last));
    // No block begins at or before the range: the first one may begin within it.
    if (!it_->Valid() && forward) it_->Seek(prefix_);
    while (it_->Valid() && found.size() < max) {
      NEXUS_ASSIGN_OR_RETURN(std::vector<Position> block, Block());
      const bool beyond = forward ? block.front() > range.last : block.back() < range.first;
      if (beyond) break;
      if (!forward) std::reverse(block.begin(), block.end());
      for (const Position position : block) {
        if (position >= range.first && position <= range.last && found.size() < max) {
          found.push_back(position);
        }
      }
      forward ? it_->Next() : it_->Prev();
    }
    NEXUS_RETURN_IF_ERROR(ToStatus(it_->status(), "reading the index"));
    return found;
  }

 private:
  absl::StatusOr<std::vector<Position>> Block() const {
    absl::string_view key = ToView(it_->key());
    key.remove_prefix(prefix_.size());
    return DecodePostings(key, ToView(it_->value()));
  }

  const std::string prefix_;
  const std::string upper_;
  const rocksdb::Slice lower_slice_;
  const rocksdb::Slice upper_slice_;
  std::unique_ptr<rocksdb::Iterator> it_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RocksEventIndex>> RocksEventIndex::Open(
    DerivedDatabase& database, const RocksEventIndexOptions& options) {
  std::unique_ptr<RocksEventIndex> index(new RocksEventIndex(database, options));
  const DerivedDatabase::Family family = database.index();
  std::string value;
  const rocksdb::Status got =
      database.db().Get(rocksdb::ReadOptions(), family.get(), ToSlice(kIndexTipKey), &value);
  bool fresh = got.IsNotFound();
  if (!fresh) {
    absl::StatusOr<IndexTip> tip =
        got.ok() ? DecodeIndexTip(value) : ToStatus(got, "reading the index");
    if (tip.ok() && index->IsOfThisLog(*tip)) {
      absl::MutexLock lock(&index->mutex_);
      index->indexed_to_ = tip->indexed_to;
      index->family_ = family;
      return index;
    }
  }
  // Without a tip there may be postings of nobody knows what.
  NEXUS_RETURN_IF_ERROR(index->Clear());
  return index;
}

bool RocksEventIndex::IsOfThisLog(const IndexTip& tip) const {
  if (tip.incarnation != options_.incarnation) return false;
  if (!options_.commit_at || tip.indexed_to == Position()) return true;
  // Beyond the head, or damaged: it is made again either way.
  const absl::StatusOr<CommitId> commit = options_.commit_at(tip.indexed_to);
  return commit.ok() && *commit == tip.commit;
}

Position RocksEventIndex::IndexedTo() const {
  absl::MutexLock lock(&mutex_);
  return indexed_to_;
}

absl::StatusOr<std::vector<Position>> RocksEventIndex::Find(const IndexTerm& term,
                                                            PositionRange range,
                                                            Direction direction, size_t max) {
  DerivedDatabase::Family family;
  {
    absl::MutexLock lock(&mutex_);
    if (range.last > indexed_to_) {
      return MakeError(ErrorReason::kNotReady,
                       absl::StrCat("position ", range.last.value, " is not indexed yet"));
    }
    family = family_;
  }
  if (range.first > range.last) return std::vector<Position>();
  return PostingWalk(database_.db(), family.get(), term).Find(range, direction, max);
}

absl::Status RocksEventIndex::CheckFollows(absl::Span<const RecordedEvent> events) const {
  const Position indexed_to = IndexedTo();
  for (size_t i = 0; i < events.size(); ++i) {
    if (events[i].position == indexed_to.Plus(i + 1)) continue;
    return MakeError(
        ErrorReason::kInternal,
        absl::StrCat("the index ends at ", indexed_to.value, " and was given position ",
                     events[i].position.value, " as number ", i + 1, " after it"));
  }
  return absl::OkStatus();
}

absl::Status RocksEventIndex::Add(absl::Span<const RecordedEvent> events) {
  if (events.empty()) return absl::OkStatus();
  NEXUS_RETURN_IF_ERROR(CheckFollows(events));
  const DerivedDatabase::Family family = database_.index();
  rocksdb::WriteBatch batch;
  std::vector<std::pair<std::string, PostingBlock>> tails;
  for (const auto& [term, positions] : GroupByTerm(events)) {
    std::string prefix = PostingPrefix(term.first, term.second);
    PostingBlock block = tails_.Take(prefix);
    WriteBlocks(prefix, positions, options_.block_events_max, family.get(), batch, block);
    tails.emplace_back(std::move(prefix), std::move(block));
  }
  const Position last = events.back().position;
  batch
      .Put(family.get(), ToSlice(kIndexTipKey),
           EncodeIndexTip({last, options_.incarnation, events.back().commit_id}))
      .PermitUncheckedError();
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  const absl::Status written =
      ToStatus(database_.db().Write(unlogged, &batch), "writing to the index");
  if (!written.ok()) {
    tails_.Clear();  // what is there is not known
    return written;
  }
  for (auto& [prefix, block] : tails) tails_.Keep(std::move(prefix), std::move(block));
  absl::MutexLock lock(&mutex_);
  indexed_to_ = last;
  return absl::OkStatus();
}

absl::Status RocksEventIndex::Clear() {
  tails_.Clear();
  {
    // First: nobody must take an index that is going for a whole one.
    absl::MutexLock lock(&mutex_);
    indexed_to_ = Position();
  }
  NEXUS_RETURN_IF_ERROR(database_.ClearIndex());
  absl::MutexLock lock(&mutex_);
  family_ = database_.index();
  return absl::OkStatus();
}

}  // namespace nexus::storage
