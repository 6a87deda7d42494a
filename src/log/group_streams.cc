#include "log/group_streams.h"

#include "nexus/core/status_macros.h"

namespace nexus::log {

absl::StatusOr<GroupStreams::Stream*> GroupStreams::Find(uint32_t tenant, const std::string& name) {
  if (const auto it = streams_.find(Key(tenant, name)); it != streams_.end()) {
    return it->second.get();
  }
  auto stream = std::make_unique<Stream>();
  NEXUS_ASSIGN_OR_RETURN(stream->stored, state_.FindStream(tenant, name));
  stream->head = stream->stored;
  stream->tenant = tenant;
  stream->name = name;
  Stream* const found = stream.get();
  streams_.emplace(Key(tenant, found->name), std::move(stream));
  return found;
}

absl::StatusOr<std::optional<GroupStreams::FoundId>> GroupStreams::FindId(Stream& stream,
                                                                          const EventId& id) {
  std::optional<FoundId> found;
  if (IsNew(stream, id)) return found;
  Absorb(stream);
  if (const auto it = stream.ids.find(id); it != stream.ids.end()) {
    found = it->second;
    return found;
  }
  if (!stream.stored.has_value() || id > stream.stored->max_id) return found;
  NEXUS_ASSIGN_OR_RETURN(const std::optional<Revision> revision,
                         state_.FindEvent({stream.tenant, stream.name, *stream.stored}, id));
  if (revision.has_value()) found = FoundId{*revision, std::nullopt};
  return found;
}

void GroupStreams::Absorb(Stream& stream) {
  for (; stream.absorbed < stream.parts.size(); ++stream.absorbed) {
    const Part& part = stream.parts[stream.absorbed];
    Revision revision = part.first;
    for (const CommitEvent& entry : commits_[part.commit]->events) {
      if (entry.stream_index != part.stream_index) continue;
      stream.ids.emplace(entry.event.id, FoundId{revision, part.commit});
      revision = revision.Next();
    }
  }
}

void GroupStreams::Move(Stream& stream, const StreamHead& head, Part part) {
  if (stream.parts.empty()) moved_.push_back(&stream);
  stream.head = head;
  stream.parts.push_back(part);
}

std::vector<MovedStream> GroupStreams::TakeMoved() {
  std::vector<MovedStream> moved;
  moved.reserve(moved_.size());
  for (Stream* stream : moved_) {
    moved.push_back({stream->tenant, stream->name, *stream->head});
  }
  moved_.clear();
  return moved;
}

}  // namespace nexus::log
