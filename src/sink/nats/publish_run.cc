#include "sink/nats/publish_run.h"

namespace nexus::sink {
namespace {

constexpr size_t kRunMax = 64;
constexpr absl::Duration kNoRuns = absl::Seconds(10);

}  // namespace

// Answers come in the order of publishing, so what was published last has landed if it is the
// newest that did. An event that comes again is no successor.
std::string PublishRun::Before(const RecordedEvent& event) const {
  if (ticket_ == 0 || event.stream != stream_ || event.position <= position_) return "";
  return landed_.load(std::memory_order_acquire) == ticket_ ? "" : id_.ToString();
}

void PublishRun::Published(const RecordedEvent& event, Outbox::Ticket ticket) {
  stream_.assign(event.stream.data(), event.stream.size());
  id_ = event.id;
  position_ = event.position;
  ticket_ = ticket;
}

void PublishRun::Forget(Outbox::Ticket ticket) {
  if (ticket_ == ticket) ticket_ = 0;
}

void PublishRun::Clear() { ticket_ = 0; }

void PublishRun::Broke() {
  none_until_nanos_.store(absl::ToInt64Nanoseconds(clock_.Monotonic() + kNoRuns),
                          std::memory_order_relaxed);
}

size_t PublishRun::max() const {
  const int64_t until = none_until_nanos_.load(std::memory_order_relaxed);
  if (until == 0) return kRunMax;
  return absl::ToInt64Nanoseconds(clock_.Monotonic()) < until ? 1 : kRunMax;
}

}  // namespace nexus::sink
