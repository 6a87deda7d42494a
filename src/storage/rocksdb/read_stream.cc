#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/log_reader.h"
#include "storage/rocksdb/page_builder.h"

namespace nexus::storage {
namespace {

absl::Status Missing(absl::string_view stream, uint64_t revision) {
  return MakeError(ErrorReason::kDataLoss, absl::StrCat("revision ", revision, " of stream '",
                                                        stream, "' is missing from the log"));
}

// Puts the events of `name` in `record` that are in [low, high] behind those of `out`.
absl::Status StreamEvents(const LoadedRecord& record, absl::string_view name, uint64_t low,
                          uint64_t high, std::vector<RecordedEvent>& out) {
  const std::optional<uint32_t> index = FindStreamIndex(record.view, name);
  if (!index.has_value()) return Missing(name, low);
  return DecodeEvents(record.view, {index, low, high}, out);
}

// The commit that the index row under the iterator points to; the row must be of this stream.
absl::StatusOr<Position> CommitAt(const rocksdb::Iterator& it, absl::string_view name,
                                  const log::StreamHead& stream, Revision wanted) {
  if (!it.Valid()) {
    NEXUS_RETURN_IF_ERROR(ToStatus(it.status(), "reading a stream"));
    return Missing(name, wanted.value);
  }
  NEXUS_ASSIGN_OR_RETURN(const StreamCommitKey key, DecodeStreamCommitKey(ToView(it.key())));
  if (key.stream_number != stream.first_position || key.first_revision > wanted) {
    return Missing(name, wanted.value);
  }
  return DecodePosition(ToView(it.value()));
}

}  // namespace

absl::StatusOr<LoadedRecord> LogReader::Load(Position first) {
  NEXUS_ASSIGN_OR_RETURN(std::optional<std::string> value,
                         database_.Get(database_.commits(), EncodePosition(first)));
  if (!value.has_value()) {
    return MakeError(ErrorReason::kDataLoss,
                     absl::StrCat("the commit at position ", first.value, " is missing"));
  }
  LoadedRecord loaded;
  loaded.bytes = std::make_shared<const std::string>(*std::move(value));
  NEXUS_ASSIGN_OR_RETURN(loaded.view, ParseRecord(first, *loaded.bytes));
  return loaded;
}

absl::StatusOr<EventBatch> LogReader::ReadStream(Position head, const StreamName& stream,
                                                 Revision from, Direction direction,
                                                 PageLimits limits) {
  NEXUS_ASSIGN_OR_RETURN(const log::StreamHead found, FindStream(head, stream.str()));
  if (direction == Direction::kForward) {
    if (from > found.last_revision) return PageBuilder(limits, head).Take(/*end=*/true);
    return ReadStreamForward(head, stream.str(), found, from, limits);
  }
  return ReadStreamBackward(head, stream.str(), found, std::min(from, found.last_revision), limits);
}

absl::StatusOr<EventBatch> LogReader::ReadStreamForward(Position head, absl::string_view name,
                                                        const log::StreamHead& stream,
                                                        Revision from, PageLimits limits) {
  PageBuilder page(limits, head);
  const auto it = database_.NewIterator(database_.stream_commits());
  it->SeekForPrev(EncodeStreamCommitKey({stream.first_position, from}));
  Revision next = from;
  while (!page.full() && next <= stream.last_revision) {
    NEXUS_ASSIGN_OR_RETURN(const Position commit, CommitAt(*it, name, stream, next));
    NEXUS_ASSIGN_OR_RETURN(LoadedRecord record, Load(commit));
    const uint64_t high = next.value + page.room() - 1;
    const size_t before = page.events().size();
    NEXUS_RETURN_IF_ERROR(StreamEvents(record, name, next.value, high, page.events()));
    if (page.events().size() == before || page.events()[before].revision != next) {
      return Missing(name, next.value);
    }
    page.Keep(std::move(record.bytes));
    next = next.Plus(page.Settle());
    it->Next();
  }
  return page.Take(next > stream.last_revision);
}

absl::StatusOr<EventBatch> LogReader::ReadStreamBackward(Position head, absl::string_view name,
                                                         const log::StreamHead& stream,
                                                         Revision from, PageLimits limits) {
  PageBuilder page(limits, head);
  const auto it = database_.NewIterator(database_.stream_commits());
  it->SeekForPrev(EncodeStreamCommitKey({stream.first_position, from}));
  uint64_t left = from.value + 1;  // events still to come
  while (!page.full() && left > 0) {
    const Revision wanted(left - 1);
    NEXUS_ASSIGN_OR_RETURN(const Position commit, CommitAt(*it, name, stream, wanted));
    NEXUS_ASSIGN_OR_RETURN(LoadedRecord record, Load(commit));
    const uint64_t room = std::min<uint64_t>(page.room(), left);
    std::vector<RecordedEvent> events;
    NEXUS_RETURN_IF_ERROR(StreamEvents(record, name, left - room, wanted.value, events));
    if (events.empty() || events.back().revision != wanted) return Missing(name, wanted.value);
    page.Keep(std::move(record.bytes));
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      if (!page.Add(std::move(*event))) break;
      --left;
    }
    it->Prev();
  }
  return page.Take(left == 0);
}

}  // namespace nexus::storage
