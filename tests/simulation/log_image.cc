#include <algorithm>
#include <utility>

#include "nexus/core/errors.h"
#include "simulation/simulated_log.h"

namespace nexus::simulation {

void LogImage::Add(const StoredCommitPtr& commit) {
  const CommitReceipt& receipt = commit->receipt;
  for (size_t i = 0; i < commit->commit.events.size(); ++i) {
    const uint32_t index = commit->commit.events[i].stream_index;
    StreamEntry& stream = streams_[commit->commit.streams[index].name.str()];
    const Position position = receipt.first.Plus(i);
    if (stream.events.empty()) {
      stream.head.first_position = position;
      stream.head.created = receipt.recorded;
    }
    stream.head.last_revision = Revision(stream.events.size());
    stream.head.last_position = position;
    stream.head.updated = receipt.recorded;
    const EventId& id = commit->commit.events[i].event.id;
    if (knows_ids_) {
      stream.head.TakeId(id, stream.head.last_revision);
      stream.ids.emplace(id, stream.head.last_revision);
    }
    stream.events.push_back(entries_.size());
    entries_.push_back({commit, i, stream.head.last_revision});
  }
  if (knows_ids_) commits_.emplace(receipt.id, commit);
  tip_ = {receipt.last, receipt.recorded};
}

absl::StatusOr<std::optional<log::StreamHead>> LogImage::FindStream(uint32_t,
                                                                    absl::string_view name) {
  const auto it = streams_.find(std::string(name));
  if (it == streams_.end()) return std::optional<log::StreamHead>();
  return std::optional<log::StreamHead>(it->second.head);
}

absl::StatusOr<std::optional<log::StoredCommit>> LogImage::FindCommit(uint32_t,
                                                                      const CommitId& id) {
  const auto it = commits_.find(id);
  if (it == commits_.end()) return std::optional<log::StoredCommit>();
  return std::optional<log::StoredCommit>(*it->second);
}

absl::StatusOr<std::optional<Revision>> LogImage::FindEvent(const log::StreamPlace& stream,
                                                            const EventId& id) {
  const StreamEntry& entry = streams_.at(std::string(stream.name));
  const auto it = entry.ids.find(id);
  if (it == entry.ids.end()) return std::optional<Revision>();
  return std::optional<Revision>(it->second);
}

absl::StatusOr<log::StoredCommit> LogImage::CommitOf(const log::StreamPlace& stream,
                                                     Revision revision) {
  return *entries_[streams_.at(std::string(stream.name)).events[revision.value]].commit;
}

absl::StatusOr<std::optional<Position>> LogImage::FirstMatch(uint32_t, const EventFilter& filter,
                                                             Position after) {
  for (size_t i = after.value; i < entries_.size(); ++i) {
    if (filter.Matches(ViewOf(entries_[i]))) return std::optional<Position>(PositionAt(i));
  }
  return std::optional<Position>();
}

Position LogImage::PositionAt(size_t index) const {
  return entries_[index].commit->receipt.first.Plus(entries_[index].index);
}

RecordedEvent LogImage::ViewOf(const Entry& entry) const {
  const Commit& commit = entry.commit->commit;
  const Event& event = commit.events[entry.index].event;
  RecordedEvent view;
  view.position = entry.commit->receipt.first.Plus(entry.index);
  view.revision = entry.revision;
  view.recorded = entry.commit->receipt.recorded;
  view.commit_id = commit.id;
  view.id = event.id;
  view.stream = commit.streams[commit.events[entry.index].stream_index].name.str();
  view.type = event.type;
  view.content_type = event.content_type;
  view.data = event.data;
  view.tags.assign(event.tags.begin(), event.tags.end());
  view.correlation_id = event.correlation_id;
  return view;
}

EventBatch LogImage::Page(const std::vector<size_t>* stream, size_t at, Direction direction,
                          PageLimits limits) const {
  EventBatch page;
  page.head = tip_.head;
  const size_t count = stream == nullptr ? entries_.size() : stream->size();
  while (true) {
    const Entry& entry = entries_[stream == nullptr ? at : (*stream)[at]];
    page.events.push_back(ViewOf(entry));
    page.backing.push_back(entry.commit);
    page.end = direction == Direction::kForward ? at + 1 == count : at == 0;
    if (page.end || page.events.size() >= std::max<size_t>(limits.events_max, 1)) return page;
    at = direction == Direction::kForward ? at + 1 : at - 1;
  }
}

const std::vector<size_t>* LogImage::Stream(const std::string& name) const {
  const auto it = streams_.find(name);
  return it == streams_.end() ? nullptr : &it->second.events;
}

std::vector<std::string> LogImage::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, stream] : streams_) names.push_back(name);
  return names;
}

}  // namespace nexus::simulation
