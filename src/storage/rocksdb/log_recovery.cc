#include "storage/rocksdb/log_recovery.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/chain_digest.h"
#include "storage/rocksdb/event_id_check.h"
#include "storage/rocksdb/record_codec.h"

namespace nexus::storage {
namespace {

absl::Status Lost(absl::string_view what) {
  return MakeError(ErrorReason::kDataLoss, absl::StrCat("the log is damaged: ", what));
}

// Walks the end of the log backwards, one commit at a time.
class TailCheck {
 public:
  explicit TailCheck(LogDatabase& database) : database_(database) {}

  // `next`: first position of the commit behind this one.
  static absl::Status CheckPlace(const RecordView& record, Position next) {
    if (record.last().Next() == next) return absl::OkStatus();
    return Lost(absl::StrCat("positions ", record.last().value + 1, " to ", next.value - 1,
                             " are missing"));
  }

  absl::Status CheckCommit(const RecordView& record, Position next) {
    NEXUS_RETURN_IF_ERROR(CheckPlace(record, next));
    EventSelection selection;
    selection.without_lists = true;
    NEXUS_ASSIGN_OR_RETURN(const std::vector<RecordedEvent> events,
                           DecodeEvents(record, selection));
    const std::string key = EncodePosition(record.first);
    NEXUS_RETURN_IF_ERROR(ExpectRow(database_.commit_ids(),
                                    EncodeCommitIdKey(record.tenant, record.id), key, record));
    for (const RecordStreamView& stream : record.streams) {
      if (stream.events == 0) continue;
      NEXUS_RETURN_IF_ERROR(CheckStream(record, stream, key));
    }
    for (const RecordedEvent& event : events) {
      NEXUS_RETURN_IF_ERROR(CheckEventId(record.tenant, event));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status CheckStream(const RecordView& record, const RecordStreamView& stream,
                           const std::string& key) {
    std::string row_key = EncodeStreamKey(record.tenant, stream.name);
    NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                           database_.Get(database_.streams(), row_key));
    if (!row.has_value()) return Lost(absl::StrCat("the row of '", stream.name, "' is missing"));
    NEXUS_ASSIGN_OR_RETURN(const log::StreamHead head, DecodeStreamHead(*row));
    NEXUS_RETURN_IF_ERROR(ExpectRow(database_.stream_commits(),
                                    EncodeStreamCommitKey({head.first_position, stream.first}), key,
                                    record));
    // Going backwards, the first commit that names a stream is its newest.
    if (!heads_.try_emplace(std::move(row_key), head).second) return absl::OkStatus();
    const bool agrees = head.last_revision == stream.first.Plus(stream.events - 1) &&
                        head.last_position >= record.first && head.last_position <= record.last();
    if (!agrees) return Lost(absl::StrCat("the row of '", stream.name, "' is of another time"));
    return absl::OkStatus();
  }

  // What is not among the ascending ids has a row.
  absl::Status CheckEventId(uint32_t tenant, const RecordedEvent& event) {
    const log::StreamHead& head = heads_.find(EncodeStreamKey(tenant, event.stream))->second;
    NEXUS_ASSIGN_OR_RETURN(const bool agrees,
                           EventIdAgrees(database_, rocksdb::ReadOptions(), head, event));
    return agrees ? absl::OkStatus() : WrongId(event);
  }

  static absl::Status WrongId(const RecordedEvent& event) {
    return Lost(absl::StrCat("the rows of '", event.stream, "' do not agree with event id ",
                             event.id.ToString(), " at revision ", event.revision.value));
  }

  absl::Status ExpectRow(rocksdb::ColumnFamilyHandle* family, const std::string& key,
                         const std::string& value, const RecordView& record) {
    NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> row, database_.Get(family, key));
    if (row == value) return absl::OkStatus();
    return Lost(absl::StrCat("the ", family->GetName(), " row of the commit at position ",
                             record.first.value, row.has_value() ? " is wrong" : " is missing"));
  }

  LogDatabase& database_;
  absl::flat_hash_map<std::string, log::StreamHead> heads_;  // by row key
};

absl::StatusOr<RecordView> RecordAt(const rocksdb::Iterator& it) {
  NEXUS_ASSIGN_OR_RETURN(const Position key, DecodePosition(ToView(it.key())));
  return ParseRecord(key, ToView(it.value()));
}

// From the last commit backwards, taking the chain back step by step.
class TailWalk {
 public:
  TailWalk(LogDatabase& database, const RecoveryChecks& checks, const StoredTip& stored)
      : database_(database),
        checks_(checks),
        stored_(stored),
        check_(database),
        next_(stored.tip.head.Next()),
        chain_(stored.chain) {}

  // The chain at RecoveryChecks::chain_at, if a commit ends there.
  absl::StatusOr<std::optional<uint64_t>> Walk() {
    const auto it = database_.NewIterator(database_.commits());
    for (it->SeekToLast(); it->Valid(); it->Prev()) {
      NEXUS_ASSIGN_OR_RETURN(const RecordView record, RecordAt(*it));
      if (!begun_) NEXUS_RETURN_IF_ERROR(CheckTip({record.last(), record.recorded}));
      if (Verified() && next_ <= checks_.chain_at) return found_;
      NEXUS_RETURN_IF_ERROR(Step(record, ToView(it->value())));
    }
    NEXUS_RETURN_IF_ERROR(ToStatus(it->status(), "checking the log"));
    if (!begun_) NEXUS_RETURN_IF_ERROR(CheckTip({}));
    if (next_.value != 1) {
      return Lost(absl::StrCat("positions 1 to ", next_.value - 1, " are missing"));
    }
    if (chain_ != kChainBegin) return Lost("its chain does not lead back to its beginning");
    Found(Position(0));
    return found_;
  }

 private:
  bool Verified() const {
    return stored_.tip.head.value - next_.value + 1 >= checks_.verify_positions_max;
  }

  absl::Status CheckTip(const log::LogTip& last) {
    begun_ = true;
    if (stored_.tip == last) return absl::OkStatus();
    return Lost(absl::StrCat("it should end at position ", stored_.tip.head.value, " but ends at ",
                             last.head.value));
  }

  absl::Status Step(const RecordView& record, absl::string_view value) {
    Found(record.last());
    if (!Verified()) {
      NEXUS_RETURN_IF_ERROR(check_.CheckCommit(record, next_));
    } else {
      NEXUS_RETURN_IF_ERROR(TailCheck::CheckPlace(record, next_));
    }
    next_ = record.first;
    chain_ = ChainBefore(chain_, LinkOf(record.first, value));
    return absl::OkStatus();
  }

  void Found(Position last) {
    if (last == checks_.chain_at) found_ = chain_;
  }

  LogDatabase& database_;
  const RecoveryChecks checks_;
  const StoredTip stored_;
  TailCheck check_;
  Position next_;  // the first position behind what is left to walk
  uint64_t chain_;
  std::optional<uint64_t> found_;
  bool begun_ = false;
};

absl::Status BeginLog(LogDatabase& database) {
  rocksdb::WriteBatch batch;
  // A batch in memory does not fail.
  batch.Put(database.meta(), ToSlice(kMetaKey), EncodeMeta(LogMeta())).PermitUncheckedError();
  batch.Put(database.meta(), ToSlice(kTipKey), EncodeTip(StoredTip())).PermitUncheckedError();
  rocksdb::WriteOptions synced;
  synced.sync = true;
  return ToStatus(database.db().Write(synced, &batch), "beginning the log");
}

absl::StatusOr<bool> HoldsCommits(LogDatabase& database) {
  const auto it = database.NewIterator(database.commits());
  it->SeekToFirst();
  NEXUS_RETURN_IF_ERROR(ToStatus(it->status(), "checking the log"));
  return it->Valid();
}

}  // namespace

absl::StatusOr<RecoveredLog> RecoverLog(LogDatabase& database, const RecoveryChecks& checks) {
  NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> meta,
                         database.Get(database.meta(), kMetaKey));
  NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                         database.Get(database.meta(), kTipKey));
  RecoveredLog recovered;
  if (!meta.has_value() && !row.has_value() && checks.may_begin) {
    NEXUS_ASSIGN_OR_RETURN(const bool commits, HoldsCommits(database));
    if (!commits) {
      NEXUS_RETURN_IF_ERROR(BeginLog(database));
      if (checks.chain_at.value == 0) recovered.chain_at = kChainBegin;
      return recovered;
    }
  }
  if (!meta.has_value() || !row.has_value()) return Lost("its meta or tip row is missing");
  NEXUS_ASSIGN_OR_RETURN(recovered.meta, DecodeMeta(*meta));
  NEXUS_ASSIGN_OR_RETURN(const StoredTip stored, DecodeTip(*row));
  recovered.tip = stored.tip;
  recovered.chain = stored.chain;
  NEXUS_ASSIGN_OR_RETURN(recovered.chain_at, TailWalk(database, checks, stored).Walk());
  NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> loss,
                         database.Get(database.meta(), kLossKey));
  if (loss.has_value()) {
    NEXUS_ASSIGN_OR_RETURN(recovered.loss, DecodeLoss(*loss));
  }
  return recovered;
}

}  // namespace nexus::storage
