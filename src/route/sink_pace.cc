// What the deliveries of a live route say to those who append (route/pace).

#include "route/sink_delivery.h"

namespace nexus::route {
namespace {

// A tenth of the tightest promise: whoever appends learns of a lag long before it is broken.
constexpr absl::Duration kPaceTick = absl::Milliseconds(50);

}  // namespace

// What is delivered again has no promise to keep.
void SinkDelivery::WatchPace() {
  if (context_.pace == nullptr || plan_.until) return;
  pace_ = context_.pace->Watch(plan_.route, plan_.match);
}

void SinkDelivery::MeterHandover(const LaneBook::Handover& handover) {
  if (pace_ == nullptr) return;
  meter_.HandedOver(handover.event.event->position, handover.event.critical, book_->in_flight(),
                    context_.clock.Monotonic());
}

void SinkDelivery::MeterReport(const Sent& sent, bool delivered) {
  if (pace_ == nullptr) return;
  const absl::Duration now = context_.clock.Monotonic();
  meter_.Answered(sent.critical, now);
  if (!delivered || sent.again) return;
  meter_.Delivered(sent.position, sent.critical,
                   absl::Microseconds(context_.clock.Now().micros - sent.recorded.micros), now);
}

void SinkDelivery::ArmPace() {
  if (pace_ == nullptr || pace_armed_ || book_->size() == 0) return;
  pace_armed_ = true;
  Later(kPaceTick, &SinkDelivery::TellPace, "");
}

// Once more after the last event, so that nobody waits for a route that has nothing to do.
void SinkDelivery::TellPace(std::string) {
  absl::MutexLock lock(&mutex_);
  pace_armed_ = false;
  if (pace_ == nullptr) return;  // it has been stopped
  pace_->Report(meter_.Lag(book_->size(), context_.clock.Monotonic()),
                breaker_.state() == Breaker::State::kClosed, context_.classifications.Latest());
  ArmPace();
}

}  // namespace nexus::route
