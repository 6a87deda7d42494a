#include "storage/rocksdb/event_lookup.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/key_codec.h"

namespace nexus::storage {
namespace {

using MaybeRevision = std::optional<Revision>;

absl::Status Missing(const log::StreamPlace& stream, Revision revision) {
  return MakeError(ErrorReason::kDataLoss,
                   absl::StrCat("the commit with revision ", revision.value, " of stream '",
                                stream.name, "' cannot be found"));
}

}  // namespace

absl::StatusOr<MaybeRevision> EventLookup::Find(const log::StreamPlace& stream, const EventId& id) {
  if (id > stream.head.max_id) return MaybeRevision();
  NEXUS_ASSIGN_OR_RETURN(const MaybeRevision row, FindRow(stream, id));
  if (row.has_value()) return row;
  return FindSorted(stream, id);
}

absl::StatusOr<MaybeRevision> EventLookup::FindRow(const log::StreamPlace& stream,
                                                   const EventId& id) {
  if (stream.head.sorted_count == stream.head.events()) return MaybeRevision();
  NEXUS_ASSIGN_OR_RETURN(
      const std::optional<std::string> row,
      database_.Get(database_.event_ids(), EncodeEventIdKey(stream.head.first_position, id)));
  if (!row.has_value()) return MaybeRevision();
  NEXUS_ASSIGN_OR_RETURN(const Revision revision, DecodeRevision(*row));
  return MaybeRevision(revision);
}

absl::StatusOr<MaybeRevision> EventLookup::FindSorted(const log::StreamPlace& stream,
                                                      const EventId& id) {
  if (id > stream.head.last_sorted_id) return MaybeRevision();
  uint64_t low = 0;
  uint64_t high = stream.head.sorted_count;
  while (low < high) {
    NEXUS_ASSIGN_OR_RETURN(const StreamIds commit,
                           IdsAround(stream, Revision(low + (high - low) / 2)));
    if (id < commit.ids.front()) {
      high = commit.first.value;
    } else if (id > commit.ids.back()) {
      low = commit.first.value + commit.ids.size();
    } else {
      const auto at = std::lower_bound(commit.ids.begin(), commit.ids.end(), id);
      if (*at != id) return MaybeRevision();
      return MaybeRevision(commit.first.Plus(static_cast<uint64_t>(at - commit.ids.begin())));
    }
  }
  return MaybeRevision();
}

absl::StatusOr<std::vector<EventId>> EventLookup::SortedIds(const log::StreamPlace& stream) {
  std::vector<EventId> ids;
  while (ids.size() < stream.head.sorted_count) {
    NEXUS_ASSIGN_OR_RETURN(const StreamIds commit, IdsAround(stream, Revision(ids.size())));
    ids.insert(ids.end(), commit.ids.begin(), commit.ids.end());
  }
  return ids;
}

absl::StatusOr<log::StoredCommit> EventLookup::CommitOf(const log::StreamPlace& stream,
                                                        Revision revision) {
  std::string bytes;
  NEXUS_ASSIGN_OR_RETURN(const RecordView record, RecordOf(stream, revision, bytes));
  return DecodeCommit(record);
}

absl::StatusOr<RecordView> EventLookup::RecordOf(const log::StreamPlace& stream, Revision revision,
                                                 std::string& bytes) {
  const auto it = database_.NewIterator(database_.stream_commits());
  it->SeekForPrev(EncodeStreamCommitKey({stream.head.first_position, revision}));
  NEXUS_RETURN_IF_ERROR(ToStatus(it->status(), "looking for an event id"));
  if (!it->Valid()) return Missing(stream, revision);
  NEXUS_ASSIGN_OR_RETURN(const StreamCommitKey key, DecodeStreamCommitKey(ToView(it->key())));
  if (key.stream_number != stream.head.first_position) return Missing(stream, revision);
  NEXUS_ASSIGN_OR_RETURN(const Position position, DecodePosition(ToView(it->value())));
  NEXUS_ASSIGN_OR_RETURN(std::optional<std::string> value,
                         database_.Get(database_.commits(), EncodePosition(position)));
  if (!value.has_value()) return Missing(stream, revision);
  bytes = *std::move(value);
  return ParseRecord(position, bytes);
}

absl::StatusOr<EventLookup::StreamIds> EventLookup::IdsAround(const log::StreamPlace& stream,
                                                              Revision revision) {
  std::string bytes;
  NEXUS_ASSIGN_OR_RETURN(const RecordView record, RecordOf(stream, revision, bytes));
  const std::optional<uint32_t> index = FindStreamIndex(record, stream.name);
  if (!index.has_value() || record.tenant != stream.tenant) return Missing(stream, revision);
  EventSelection selection;
  selection.stream_index = index;
  selection.high = stream.head.sorted_count - 1;
  selection.without_lists = true;
  NEXUS_ASSIGN_OR_RETURN(const std::vector<RecordedEvent> events, DecodeEvents(record, selection));
  StreamIds found;
  for (const RecordedEvent& event : events) found.ids.push_back(event.id);
  // An index row that points at another commit must not be taken for an absent id.
  if (events.empty() || events.front().revision > revision || events.back().revision < revision) {
    return Missing(stream, revision);
  }
  found.first = events.front().revision;
  return found;
}

}  // namespace nexus::storage
