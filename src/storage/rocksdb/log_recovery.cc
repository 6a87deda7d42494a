#include "storage/rocksdb/log_recovery.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/record_codec.h"

namespace nexus::storage {
namespace {

absl::Status Lost(absl::string_view what) {
  return MakeError(ErrorReason::kDataLoss,
                   absl::StrCat("the log is damaged: ", what, "; restore it from a backup"));
}

// Walks the end of the log backwards, one commit at a time.
class TailCheck {
 public:
  explicit TailCheck(LogDatabase& database) : database_(database) {}

  // `next`: first position of the commit behind this one.
  absl::Status CheckCommit(const RecordView& record, Position next) {
    if (record.last().Next() != next) {
      return Lost(absl::StrCat("positions ", record.last().value + 1, " to ", next.value - 1,
                               " are missing"));
    }
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
    if (event.revision.value < head.sorted_count) {
      const bool last = event.revision.value + 1 == head.sorted_count;
      const bool agrees = last ? event.id == head.last_sorted_id : event.id < head.last_sorted_id;
      return agrees ? absl::OkStatus() : WrongId(event);
    }
    if (event.id > head.max_id) return WrongId(event);
    NEXUS_ASSIGN_OR_RETURN(
        const std::optional<std::string> row,
        database_.Get(database_.event_ids(), EncodeEventIdKey(head.first_position, event.id)));
    return row == EncodeRevision(event.revision) ? absl::OkStatus() : WrongId(event);
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

// From the last commit backwards. Returns where the log ends.
absl::StatusOr<log::LogTip> CheckTail(LogDatabase& database, uint64_t verify_positions_max) {
  const auto it = database.NewIterator(database.commits());
  TailCheck check(database);
  log::LogTip tip;
  Position next;
  for (it->SeekToLast(); it->Valid(); it->Prev()) {
    NEXUS_ASSIGN_OR_RETURN(const RecordView record, RecordAt(*it));
    if (tip.head.value == 0) {
      tip = {record.last(), record.recorded};
      next = tip.head.Next();
    }
    if (tip.head.value - next.value + 1 >= verify_positions_max) return tip;
    NEXUS_RETURN_IF_ERROR(check.CheckCommit(record, next));
    next = record.first;
  }
  NEXUS_RETURN_IF_ERROR(ToStatus(it->status(), "checking the log"));
  if (tip.head.value > 0 && next.value != 1) {
    return Lost(absl::StrCat("positions 1 to ", next.value - 1, " are missing"));
  }
  return tip;
}

absl::StatusOr<RecoveredLog> BeginLog(LogDatabase& database) {
  const RecoveredLog fresh;
  rocksdb::WriteBatch batch;
  // A batch in memory does not fail.
  batch.Put(database.meta(), ToSlice(kMetaKey), EncodeMeta(fresh.meta)).PermitUncheckedError();
  batch.Put(database.meta(), ToSlice(kTipKey), EncodeTip(fresh.tip)).PermitUncheckedError();
  rocksdb::WriteOptions synced;
  synced.sync = true;
  NEXUS_RETURN_IF_ERROR(ToStatus(database.db().Write(synced, &batch), "beginning the log"));
  return fresh;
}

}  // namespace

absl::StatusOr<RecoveredLog> RecoverLog(LogDatabase& database, uint64_t verify_positions_max) {
  NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> meta,
                         database.Get(database.meta(), kMetaKey));
  RecoveredLog recovered;
  if (meta.has_value()) {
    NEXUS_ASSIGN_OR_RETURN(recovered.meta, DecodeMeta(*meta));
  }
  NEXUS_ASSIGN_OR_RETURN(recovered.tip, CheckTail(database, verify_positions_max));
  NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                         database.Get(database.meta(), kTipKey));
  if (!meta.has_value() && !row.has_value() && recovered.tip.head.value == 0) {
    return BeginLog(database);
  }
  if (!meta.has_value() || !row.has_value()) return Lost("its meta or tip row is missing");
  NEXUS_ASSIGN_OR_RETURN(const log::LogTip tip, DecodeTip(*row));
  if (tip != recovered.tip) {
    return Lost(absl::StrCat("it should end at position ", tip.head.value, " but ends at ",
                             recovered.tip.head.value));
  }
  return recovered;
}

}  // namespace nexus::storage
