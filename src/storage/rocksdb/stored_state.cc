#include "storage/rocksdb/stored_state.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/record_codec.h"

namespace nexus::storage {
namespace {

using MaybePosition = std::optional<Position>;
using MaybeRevision = std::optional<Revision>;

constexpr size_t kShortPrefixMax = 16;
constexpr size_t kShortPrefixesMax = 65'536;  // 16 MiB of ids

absl::Status Hole(Position position) {
  return MakeError(ErrorReason::kDataLoss,
                   absl::StrCat("position ", position.value, " is missing from the log"));
}

}  // namespace

absl::StatusOr<std::optional<log::StreamHead>> StoredState::FindStream(uint32_t tenant,
                                                                       absl::string_view name) {
  const std::string key = EncodeStreamKey(tenant, name);
  std::optional<log::StreamHead> cached = heads_.Find(key);
  metrics_.heads.Count(cached.has_value());
  if (cached.has_value()) return cached;
  NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                         database_.Get(database_.streams(), key));
  if (!row.has_value()) return std::optional<log::StreamHead>();
  NEXUS_ASSIGN_OR_RETURN(const log::StreamHead head, DecodeStreamHead(*row));
  heads_.Put(key, head);
  return std::optional<log::StreamHead>(head);
}

absl::StatusOr<std::optional<log::StoredCommit>> StoredState::FindCommit(uint32_t tenant,
                                                                         const CommitId& id) {
  return LoadCommit(database_, tenant, id);
}

absl::StatusOr<MaybeRevision> StoredState::FindEvent(const log::StreamPlace& stream,
                                                     const EventId& id) {
  if (id > stream.head.max_id) return MaybeRevision();
  NEXUS_ASSIGN_OR_RETURN(const MaybeRevision row, events_.FindRow(stream, id));
  if (row.has_value() || id > stream.head.last_sorted_id) return row;
  const bool ended = stream.head.sorted_count < stream.head.events();
  if (ended && stream.head.sorted_count <= kShortPrefixMax) return FindInShortPrefix(stream, id);
  return events_.FindSorted(stream, id);
}

absl::StatusOr<MaybeRevision> StoredState::FindInShortPrefix(const log::StreamPlace& stream,
                                                             const EventId& id) {
  auto it = short_prefixes_.find(stream.head.first_position);
  if (it == short_prefixes_.end()) {
    NEXUS_ASSIGN_OR_RETURN(std::vector<EventId> ids, events_.SortedIds(stream));
    if (short_prefixes_.size() >= kShortPrefixesMax) short_prefixes_.clear();
    it = short_prefixes_.emplace(stream.head.first_position, std::move(ids)).first;
  }
  const std::vector<EventId>& ids = it->second;
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  if (at == ids.end() || *at != id) return MaybeRevision();
  return MaybeRevision(Revision(static_cast<uint64_t>(at - ids.begin())));
}

absl::StatusOr<log::StoredCommit> StoredState::CommitOf(const log::StreamPlace& stream,
                                                        Revision revision) {
  return events_.CommitOf(stream, revision);
}

absl::StatusOr<MaybePosition> StoredState::FirstMatch(uint32_t tenant, const EventFilter& filter,
                                                      Position after) {
  const log::FilterProbe probe(filter);
  const log::RecentEvents::Answer recent = recent_.FirstMatch(tenant, probe, after, head_);
  if (recent.covered) return recent.match;
  // Whoever proposed did not look, or looked long ago. Right, but it holds everybody up.
  metrics_.condition_reads.Add(1);
  const Position start = std::min(recent_.Start(), head_.Next());
  NEXUS_ASSIGN_OR_RETURN(const MaybePosition older, ReadForMatch(tenant, filter, after, start));
  if (older.has_value()) return older;
  return recent_.FirstMatch(tenant, probe, Position(start.value - 1), head_).match;
}

absl::StatusOr<MaybePosition> StoredState::ReadForMatch(uint32_t tenant, const EventFilter& filter,
                                                        Position after, Position end) {
  Position next = after.Next();
  const auto it = database_.NewIterator(database_.commits());
  for (it->SeekForPrev(EncodePosition(next)); it->Valid() && next < end; it->Next()) {
    NEXUS_ASSIGN_OR_RETURN(const Position first, DecodePosition(ToView(it->key())));
    NEXUS_ASSIGN_OR_RETURN(const RecordView record, ParseRecord(first, ToView(it->value())));
    if (first > next || record.last() < next) return Hole(next);
    const bool ours = record.tenant == tenant;
    EventSelection selection;
    selection.low = next.value;
    selection.high = ours ? UINT64_MAX : 0;
    NEXUS_ASSIGN_OR_RETURN(const std::vector<RecordedEvent> events,
                           DecodeEvents(record, selection));
    for (const RecordedEvent& event : events) {
      if (filter.Matches(event)) return MaybePosition(event.position);
    }
    next = record.last().Next();
  }
  NEXUS_RETURN_IF_ERROR(ToStatus(it->status(), "checking an append condition"));
  if (next < end) return Hole(next);
  return MaybePosition();
}

absl::StatusOr<std::optional<log::StoredCommit>> LoadCommit(LogDatabase& database, uint32_t tenant,
                                                            const CommitId& id) {
  NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                         database.Get(database.commit_ids(), EncodeCommitIdKey(tenant, id)));
  if (!row.has_value()) return std::optional<log::StoredCommit>();
  NEXUS_ASSIGN_OR_RETURN(const Position position, DecodePosition(*row));
  NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                         database.Get(database.commits(), *row));
  if (!value.has_value()) {
    return MakeError(ErrorReason::kDataLoss,
                     absl::StrCat("commit ", id.ToString(), " is known but its record at position ",
                                  position.value, " is missing"));
  }
  NEXUS_ASSIGN_OR_RETURN(const RecordView record, ParseRecord(position, *value));
  if (record.id != id || record.tenant != tenant) {
    return MakeError(ErrorReason::kDataLoss,
                     absl::StrCat("commit ", id.ToString(), " points at position ", position.value,
                                  ", where another commit is"));
  }
  NEXUS_ASSIGN_OR_RETURN(log::StoredCommit stored, DecodeCommit(record));
  return std::optional<log::StoredCommit>(std::move(stored));
}

absl::StatusOr<std::optional<CommitReceipt>> FindRepeat(LogDatabase& database, Position head,
                                                        const Commit& candidate) {
  std::optional<CommitReceipt> receipt;
  const CommitEvent& first = candidate.events.front();
  const absl::string_view name = candidate.streams[first.stream_index].name.str();
  NEXUS_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                         database.Get(database.streams(), EncodeStreamKey(candidate.tenant, name)));
  if (!row.has_value()) return receipt;
  NEXUS_ASSIGN_OR_RETURN(const log::StreamHead stream, DecodeStreamHead(*row));
  EventLookup events(database);
  const log::StreamPlace place{candidate.tenant, name, stream};
  NEXUS_ASSIGN_OR_RETURN(const MaybeRevision found, events.Find(place, first.event.id));
  if (!found.has_value()) return receipt;
  NEXUS_ASSIGN_OR_RETURN(log::StoredCommit stored, events.CommitOf(place, *found));
  if (stored.receipt.last > head || !SameContent(candidate, stored.commit)) return receipt;
  receipt = std::move(stored.receipt);
  receipt->repeated = true;
  return receipt;
}

}  // namespace nexus::storage
