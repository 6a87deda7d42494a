#include "command/remote/placements.h"

namespace nexus::command {

Placement Placements::Find(const std::string& stream) const {
  const auto found = by_stream_.find(stream);
  return found == by_stream_.end() ? Placement() : found->second->second;
}

void Placements::Put(const std::string& stream, const Placement& placement) {
  Forget(stream);
  used_.emplace_front(stream, placement);
  by_stream_[stream] = used_.begin();
  if (by_stream_.size() <= streams_max_) return;
  by_stream_.erase(used_.back().first);
  used_.pop_back();
}

void Placements::Forget(const std::string& stream) {
  const auto found = by_stream_.find(stream);
  if (found == by_stream_.end()) return;
  used_.erase(found->second);
  by_stream_.erase(found);
}

}  // namespace nexus::command
