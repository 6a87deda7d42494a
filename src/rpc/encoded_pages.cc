#include "rpc/encoded_pages.h"

#include "rpc/event_wire.h"

namespace nexus::rpc {
namespace {

constexpr size_t kEncodedPagesMax = 8;

}  // namespace

grpc::Slice EncodedPages::BytesOf(const std::shared_ptr<const EventBatch>& page) {
  absl::MutexLock lock(&mutex_);
  for (const Entry& entry : entries_) {
    if (entry.page != page) continue;
    counters_.Hits();
    return entry.bytes;
  }
  counters_.Misses();
  EventWire events;
  for (const RecordedEvent& event : page->events) events.Add(event);
  const grpc::Slice bytes = events.ToSlice();
  if (entries_.size() == kEncodedPagesMax) entries_.pop_front();
  entries_.push_back({page, bytes});
  return bytes;
}

}  // namespace nexus::rpc
