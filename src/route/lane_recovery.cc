// Lanes that catch up: their streams are read again from where they were parked.

#include <utility>

#include "absl/strings/str_cat.h"
#include "follow/submit_soon.h"
#include "nexus/core/errors.h"
#include "route/declaration/route_match.h"
#include "route/sink_delivery.h"

namespace nexus::route {
namespace {

constexpr absl::Duration kLaneReadAgain = absl::Seconds(1);
constexpr PageLimits kLanePage = {.events_max = 256, .bytes_max = 256 << 10};

}  // namespace

void SinkDelivery::Retry(OpenLane lane) {
  bool begun = false;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_ || !book_) return;
    if (lane.parked) begun = book_->BeginRecovery(lane.stream, lane.retry_from);
    // Its letter was written a moment ago: the lane is about to be parked.
    if (lane.parked && !begun && !book_->IsParked(lane.stream)) return RetryLater(std::move(lane));
    if (begun) SchedulePump();
  }
  if (lane.parked) return;
  follow::SubmitSoon(context_.executor, [weak = weak_from_this(), lane = std::move(lane)] {
    if (auto self = weak.lock()) self->RetryOne(lane);
  });
}

void SinkDelivery::RetryLater(OpenLane lane) {
  context_.executor.RunAfter(kLaneReadAgain, [weak = weak_from_this(), lane = std::move(lane)] {
    auto self = weak.lock();
    if (!self) return;
    absl::MutexLock lock(&self->mutex_);
    if (self->stopping_) return;
    if (self->book_->BeginRecovery(lane.stream, lane.retry_from)) self->SchedulePump();
  });
}

void SinkDelivery::RetryOne(const OpenLane& lane) {
  const StreamName stream = StreamName::Literal(lane.stream);
  auto page = context_.reader.ReadStream(stream, lane.revision, Direction::kForward,
                                         {.events_max = 1, .bytes_max = kLanePage.bytes_max});
  absl::MutexLock lock(&mutex_);
  if (stopping_) return;
  if (!page.ok() || page->events.empty()) {
    last_error_ = page.status();
    return;
  }
  auto batch = std::make_shared<const EventBatch>(*std::move(page));
  const RecordedEvent& event = batch->events.front();
  const ClassificationPtr rules = context_.classifications.At(event.position);
  std::optional<OutboundEvent> outbound = Outbound(event, *rules, batch);
  if (!outbound) {
    last_error_ = MakeError(ErrorReason::kNotFound,
                            absl::StrCat("the route does not match position ", lane.position.value,
                                         ", whose dead letter was to be tried again"));
  } else if (book_->RecoverOne(*std::move(outbound), nullptr)) {
    SchedulePump();
  }
}

void SinkDelivery::Perform(const RecoveryDuty& duty) {
  if (!duty.done) {
    follow::SubmitSoon(context_.executor, [weak = weak_from_this(), duty] {
      if (auto self = weak.lock()) self->ReadLane(duty.lane, duty.from);
    });
    return;
  }
  // If it cannot be written, the lane catches up once more after a restart.
  context_.dead_letters->Recovered(plan_.run, duty.lane,
                                   [self = shared_from_this()](const absl::Status& written) {
                                     absl::MutexLock lock(&self->mutex_);
                                     if (!written.ok()) self->last_error_ = written;
                                   });
}

void SinkDelivery::ReadLane(const std::string& lane, Revision from) {
  auto page =
      context_.reader.ReadStream(StreamName::Literal(lane), from, Direction::kForward, kLanePage);
  if (page.ok()) return TakeLanePage(lane, from, *std::move(page));
  absl::MutexLock lock(&mutex_);
  last_error_ = page.status();
  context_.executor.RunAfter(kLaneReadAgain, [weak = weak_from_this(), lane, from] {
    if (auto self = weak.lock()) self->ReadLane(lane, from);
  });
}

void SinkDelivery::TakeLanePage(const std::string& lane, Revision from, EventBatch page) {
  auto batch = std::make_shared<const EventBatch>(std::move(page));
  absl::MutexLock lock(&mutex_);
  if (stopping_) return;
  std::vector<OutboundEvent> events;
  Revision next = from;
  // What was not looked at yet comes by itself, once the lane is no longer parked.
  bool all = batch->end && batch->head >= book_->seen();
  for (const RecordedEvent& event : batch->events) {
    if (event.position > book_->seen()) {
      all = true;
      break;
    }
    next = event.revision.Next();
    const ClassificationPtr rules = context_.classifications.At(event.position);
    std::optional<OutboundEvent> outbound = Outbound(event, *rules, batch);
    if (outbound) events.push_back(*std::move(outbound));
  }
  book_->Recover(lane, std::move(events), nullptr, all, next);
  SchedulePump();
}

}  // namespace nexus::route
