#include "storage/rocksdb/record_audit.h"

#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "storage/rocksdb/event_id_check.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/rocks_status.h"

namespace nexus::storage {

RecordAudit::RecordAudit(LogDatabase& database, const rocksdb::ReadOptions& options,
                         std::function<void(std::string)> found)
    : database_(database),
      options_(options),
      found_(std::move(found)),
      index_(database.db().NewIterator(options, database.stream_commits())) {}

void RecordAudit::Check(const RecordView& record) {
  const absl::StatusOr<std::vector<RecordedEvent>> events = DecodeEvents(record, {});
  if (!events.ok()) {
    found_(absl::StrCat("position ", record.first.value, ": ",
                        std::string(events.status().message())));
  }
  CheckId(record);
  absl::flat_hash_map<absl::string_view, log::StreamHead> heads;
  for (const RecordStreamView& stream : record.streams) {
    if (stream.events == 0) continue;
    const std::optional<log::StreamHead> head = CheckStream(record, stream);
    if (head) heads.emplace(stream.name, *head);
  }
  if (!events.ok()) return;
  for (const RecordedEvent& event : *events) {
    if (const auto it = heads.find(event.stream); it != heads.end()) {
      CheckEventId(it->second, event);
    }
  }
}

void RecordAudit::CheckEventId(const log::StreamHead& head, const RecordedEvent& event) {
  const absl::StatusOr<bool> agrees = EventIdAgrees(database_, options_, head, event);
  if (agrees.ok() && *agrees) return;
  found_(absl::StrCat(
      "position ", event.position.value, ": what finds event id ", event.id.ToString(),
      " in stream '", event.stream, "' ",
      agrees.ok() ? "does not agree with its revision " : "cannot be read, of revision ",
      event.revision.value));
}

void RecordAudit::CheckId(const RecordView& record) {
  std::string row;
  const rocksdb::Status got = database_.db().Get(options_, database_.commit_ids(),
                                                 EncodeCommitIdKey(record.tenant, record.id), &row);
  if (got.ok() && row == EncodePosition(record.first)) return;
  found_(absl::StrCat("position ", record.first.value, ": the row of commit id ",
                      record.id.ToString(), " is ",
                      got.ok() ? "another position's" : got.ToString()));
}

std::optional<log::StreamHead> RecordAudit::CheckStream(const RecordView& record,
                                                        const RecordStreamView& stream) {
  std::string row;
  const rocksdb::Status got = database_.db().Get(options_, database_.streams(),
                                                 EncodeStreamKey(record.tenant, stream.name), &row);
  absl::StatusOr<log::StreamHead> head =
      got.ok() ? DecodeStreamHead(row) : ToStatus(got, "reading a stream's row");
  if (!head.ok()) {
    found_(absl::StrCat("position ", record.first.value, ": the row of stream '", stream.name,
                        "': ", std::string(head.status().message())));
    return std::nullopt;
  }
  const Revision last = stream.first.Plus(stream.events - 1);
  const bool first_here =
      head->first_position >= record.first && head->first_position <= record.last();
  if (head->last_revision < last || head->last_position < record.first ||
      first_here != (stream.first.value == 0)) {
    found_(absl::StrCat("position ", record.first.value, ": the row of stream '", stream.name,
                        "' does not agree with its revision ", stream.first.value));
  }
  CheckIndex(record, stream, *head);
  return *head;
}

void RecordAudit::CheckIndex(const RecordView& record, const RecordStreamView& stream,
                             const log::StreamHead& head) {
  const Revision next = stream.first.Plus(stream.events);
  const std::string key = EncodeStreamCommitKey({head.first_position, stream.first});
  index_->Seek(key);
  if (!index_->Valid() || ToView(index_->key()) != key ||
      ToView(index_->value()) != EncodePosition(record.first)) {
    found_(absl::StrCat("position ", record.first.value, ": the index of stream '", stream.name,
                        "' does not have its revision ", stream.first.value));
    return;
  }
  // The revisions of the stream go on right behind it, or end.
  index_->Next();
  std::optional<Revision> following;
  if (index_->Valid()) {
    const absl::StatusOr<StreamCommitKey> row = DecodeStreamCommitKey(ToView(index_->key()));
    if (row.ok() && row->stream_number == head.first_position) following = row->first_revision;
  }
  const bool ends = head.last_revision.Next() == next;
  const bool whole = following.has_value() ? *following == next : ends && index_->status().ok();
  if (whole) return;
  found_(absl::StrCat("position ", record.first.value, ": revision ", next.value, " of stream '",
                      stream.name, "' is missing"));
}

}  // namespace nexus::storage
