#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/memory/memory_log.h"

namespace nexus::storage {
namespace {

// What the ports call "every stream" is tenant 0 until tenants have an interface of their own.
constexpr uint32_t kTenant = 0;

size_t CountedBytes(const Event& event) {
  size_t bytes = event.data.size();
  for (const std::string& tag : event.tags) bytes += tag.size();
  for (const auto& [key, value] : event.metadata) bytes += key.size() + value.size();
  return bytes;
}

absl::string_view DigestView(const Digest128& digest) {
  return digest == Digest128{} ? absl::string_view() : DigestBytes(digest);
}

RecordedEvent ViewOf(const Commit& commit, const CommitReceipt& receipt, size_t index) {
  const Event& event = commit.events[index].event;
  RecordedEvent view;
  view.position = receipt.first.Plus(index);
  view.recorded = receipt.recorded;
  view.commit_id = commit.id;
  view.id = event.id;
  view.stream = commit.streams[commit.events[index].stream_index].name.str();
  view.type = event.type;
  view.schema_version = event.schema_version;
  view.content_type = event.content_type;
  view.data = event.data;
  view.tags.assign(event.tags.begin(), event.tags.end());
  view.metadata.assign(event.metadata.begin(), event.metadata.end());
  view.routing = event.routing;
  view.correlation_id = event.correlation_id;
  view.causation_id = event.causation_id;
  view.traceparent = event.traceparent;
  view.tracestate = event.tracestate;
  view.principal = commit.stamp.principal;
  view.decision_id = commit.stamp.decision_id;
  view.policy_revision = commit.stamp.policy_revision;
  view.governance_epoch = commit.stamp.governance_epoch;
  view.method = commit.stamp.method;
  view.request_digest = DigestView(commit.stamp.request_digest);
  view.input_digest = DigestView(commit.stamp.input_digest);
  view.outcomes = commit.stamp.outcomes;
  return view;
}

bool Matches(const std::string& name, const StreamQuery& query) {
  if (!query.include_system && name[0] == '$') return false;
  if (!query.after.empty() && name <= query.after) return false;
  if (!query.category.empty() && StreamName::CategoryOf(name) != query.category) return false;
  return absl::StartsWith(name, query.name_prefix);
}

}  // namespace

Position MemoryLog::Head() const {
  absl::MutexLock lock(&mutex_);
  return Position(all_.size());
}

EventBatch MemoryLog::Page(const Entries& entries, size_t from, Direction direction,
                           PageLimits limits) const {
  EventBatch page;
  page.head = Position(all_.size());
  size_t bytes = 0;
  size_t at = from;
  while (true) {
    const Entry& entry = entries[at];
    bytes += CountedBytes(entry.stored->commit.events[entry.index].event);
    const bool first = page.events.empty();
    if (!first && (page.events.size() >= limits.events_max || bytes > limits.bytes_max)) break;
    page.events.push_back(ViewOf(entry.stored->commit, entry.stored->receipt, entry.index));
    page.events.back().revision = entry.revision;
    page.backing.push_back(entry.stored);
    page.end = direction == Direction::kForward ? at + 1 == entries.size() : at == 0;
    if (page.end) break;
    at = direction == Direction::kForward ? at + 1 : at - 1;
  }
  return page;
}

absl::StatusOr<EventBatch> MemoryLog::ReadAll(Position from, Direction direction,
                                              PageLimits limits) {
  absl::MutexLock lock(&mutex_);
  EventBatch empty;
  empty.head = Position(all_.size());
  empty.end = true;
  if (all_.empty()) return empty;
  if (direction == Direction::kForward) {
    from = std::max(from, Position(1));
    if (from.value > all_.size()) return empty;
  } else {
    if (from.value == 0) return empty;
    from = std::min(from, Position(all_.size()));
  }
  return Page(all_, from.value - 1, direction, limits);
}

absl::StatusOr<const MemoryLog::Entries*> MemoryLog::FindStream(const StreamName& stream) const {
  const auto it = streams_.find({kTenant, stream.str()});
  if (it != streams_.end()) return &it->second;
  return MakeError(ErrorReason::kStreamNotFound,
                   absl::StrCat("stream '", stream.str(), "' has no event"));
}

absl::StatusOr<EventBatch> MemoryLog::ReadStream(const StreamName& stream, Revision from,
                                                 Direction direction, PageLimits limits) {
  absl::MutexLock lock(&mutex_);
  NEXUS_ASSIGN_OR_RETURN(const Entries* entries, FindStream(stream));
  if (from.value >= entries->size()) {
    if (direction == Direction::kForward) {
      EventBatch empty;
      empty.head = Position(all_.size());
      empty.end = true;
      return empty;
    }
    from = Revision(entries->size() - 1);
  }
  return Page(*entries, from.value, direction, limits);
}

absl::StatusOr<EventBatch> MemoryLog::ReadAt(absl::Span<const Position> positions,
                                             PageLimits limits) {
  absl::MutexLock lock(&mutex_);
  Entries entries;
  for (const Position position : positions) {
    if (position.value == 0 || position.value > all_.size()) {
      return MakeError(ErrorReason::kDataLoss,
                       absl::StrCat("position ", position.value,
                                    " is wanted from a log that ends at ", all_.size()));
    }
    entries.push_back(all_[position.value - 1]);
  }
  EventBatch page;
  page.head = Position(all_.size());
  page.end = true;
  if (!entries.empty()) page = Page(entries, 0, Direction::kForward, limits);
  return page;
}

absl::StatusOr<Position> MemoryLog::FirstRecordedAt(Timestamp time) {
  absl::MutexLock lock(&mutex_);
  const auto it = std::find_if(all_.begin(), all_.end(), [time](const Entry& entry) {
    return entry.stored->receipt.recorded >= time;
  });
  return Position(static_cast<uint64_t>(it - all_.begin()) + 1);
}

absl::StatusOr<StreamInfo> MemoryLog::GetStream(const StreamName& stream) {
  absl::MutexLock lock(&mutex_);
  NEXUS_ASSIGN_OR_RETURN(const Entries* entries, FindStream(stream));
  return StreamInfo{stream.str(),
                    entries->back().revision,
                    entries->front().position,
                    entries->back().position,
                    entries->front().stored->receipt.recorded,
                    entries->back().stored->receipt.recorded};
}

absl::StatusOr<StreamPage> MemoryLog::ListStreams(const StreamQuery& query) {
  absl::MutexLock lock(&mutex_);
  StreamPage page;
  for (const auto& [key, entries] : streams_) {
    if (key.first != kTenant || !Matches(key.second, query)) continue;
    if (page.streams.size() >= std::max<size_t>(query.limit, 1)) return page;
    page.streams.push_back({key.second, entries.back().revision, entries.front().position,
                            entries.back().position, entries.front().stored->receipt.recorded,
                            entries.back().stored->receipt.recorded});
  }
  page.end = true;
  return page;
}

absl::StatusOr<std::optional<PositionRange>> MemoryLog::LocateCommit(const CommitId& id) {
  absl::MutexLock lock(&mutex_);
  const auto it = commits_.find({kTenant, id});
  if (it == commits_.end()) return std::optional<PositionRange>();
  const CommitReceipt& receipt = it->second->receipt;
  return std::optional<PositionRange>({receipt.first, receipt.last});
}

}  // namespace nexus::storage
