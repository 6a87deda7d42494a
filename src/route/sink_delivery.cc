#include "route/sink_delivery.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "follow/submit_soon.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::route {
namespace {

// One turn of handing over; then others get the thread.
constexpr int kHandoversPerTurn = 256;
constexpr absl::Duration kReadAgain = absl::Seconds(1);
constexpr absl::Duration kTick = absl::Seconds(1);

absl::string_view RouteName(SinkDelivery::Meant meant) {
  if (meant.critical && meant.standard) return "all";
  return meant.critical ? "critical" : "standard";
}

size_t BytesOf(const EventBatch& page) {
  size_t bytes = 0;
  for (const RecordedEvent& event : page.events) {
    bytes += sizeof(RecordedEvent) + event.data.size();
    for (const auto& [key, value] : event.metadata) bytes += key.size() + value.size();
  }
  return bytes;
}

LaneBook::Options LanesFor(const RouteContext& context, LaneBook::Options lanes) {
  if (context.dead_letters == nullptr) lanes.attempts_max = UINT32_MAX;
  return lanes;
}

}  // namespace

SinkDelivery::SinkDelivery(const RouteContext& context, const CriticalityRules& rules, Sink& sink,
                           Meant meant, DeliveryOptions options)
    : context_(context),
      rules_(rules),
      sink_(sink),
      meant_(meant),
      route_(RouteName(meant)),
      options_(options),
      reader_name_(absl::StrCat("route/", sink.Name())),
      metrics_(context.metrics, route_, sink.Name()),
      breaker_(options_.breaker),
      pinned_bytes_(std::make_shared<size_t>(0)) {}

absl::Status SinkDelivery::Start() {
  NEXUS_ASSIGN_OR_RETURN(const std::optional<Position> saved,
                         context_.checkpoints.Load(reader_name_));
  const Position head = context_.reader.Head();
  const Position start =
      saved.value_or(options_.start == DeliveryOptions::Start::kEnd ? head : Position(0));
  if (start > head) {
    return MakeError(ErrorReason::kPositionBeyondHead,
                     absl::StrCat("sink ", sink_.Name(), " has a checkpoint at ", start.value,
                                  ", but the log ends at ", head.value));
  }
  // "The end" is decided once: a restart goes on from there.
  if (!saved) NEXUS_RETURN_IF_ERROR(context_.checkpoints.Save(reader_name_, start));
  LaneBook book(LanesFor(context_, options_.lanes), start);
  NEXUS_RETURN_IF_ERROR(LoadParked(book));
  saver_ = std::make_shared<CheckpointSaver>(context_.checkpoints, context_.executor, reader_name_,
                                             start, options_.checkpoint);
  follow::FollowOptions follow = follow::FollowOptions::WholeLogAfter(start);
  follow.limits = options_.page;
  follower_ = std::make_unique<follow::LogFollower>(context_.reader, context_.signal,
                                                    context_.executor, std::move(follow));
  {
    absl::MutexLock lock(&mutex_);
    book_.emplace(std::move(book));
    ShowGauges();
  }
  ReadMore();
  return absl::OkStatus();
}

absl::Status SinkDelivery::LoadParked(LaneBook& book) {
  if (context_.dead_letters == nullptr || !options_.lanes.park) return absl::OkStatus();
  NEXUS_ASSIGN_OR_RETURN(const std::vector<std::string> parked,
                         context_.dead_letters->ParkedStreams(sink_.Name()));
  for (const std::string& stream : parked) book.Park(stream);
  return absl::OkStatus();
}

absl::Status SinkDelivery::Stop(absl::Duration timeout) {
  {
    absl::MutexLock lock(&mutex_);
    if (!book_) return absl::OkStatus();
    stopping_ = true;
    while (pumping_) quiet_.Wait(&mutex_);
  }
  follower_->Stop();
  const absl::Status flushed = sink_.Flush(timeout);
  const absl::Status saved = saver_->SaveNow();
  return saved.ok() ? flushed : saved;
}

void SinkDelivery::ReadMore() {
  absl::MutexLock lock(&mutex_);
  if (stopping_ || reading_ || page_ || book_->size() >= options_.pending_events_max ||
      *pinned_bytes_ >= options_.pending_bytes_max) {
    return;
  }
  reading_ = true;
  follower_->Next(absl::InfiniteDuration(), [weak = weak_from_this()](auto step) {
    if (auto self = weak.lock()) self->OnStep(std::move(step));
  });
}

void SinkDelivery::OnStep(absl::StatusOr<follow::FollowStep> step) {
  {
    absl::MutexLock lock(&mutex_);
    reading_ = false;
    if (!step.ok()) {
      last_error_ = step.status();
      Later(kReadAgain, &SinkDelivery::RetryRead, "");
      return;
    }
    const size_t bytes = BytesOf(*step->batch);
    *pinned_bytes_ += bytes;
    page_ = std::move(step->batch);
    page_next_ = 0;
    // Pending events hold on to the pin and let go of it under the lock. The sink holds on to the
    // page itself, for as long as it likes.
    page_pin_ = std::shared_ptr<const void>(
        nullptr, [bytes, pinned = pinned_bytes_](const void*) { *pinned -= bytes; });
  }
  Pump();
}

void SinkDelivery::AdmitPage() {
  if (!page_) return;
  const std::vector<RecordedEvent>& events = page_->events;
  while (page_next_ < events.size() && book_->size() < options_.pending_events_max) {
    AdmitEvent(events[page_next_++]);
  }
  if (page_next_ < events.size()) return;
  page_.reset();
  page_pin_.reset();
  saver_->Reach(book_->checkpoint());
}

void SinkDelivery::AdmitEvent(const RecordedEvent& event) {
  const bool system = !event.stream.empty() && event.stream[0] == '$';
  const Verdict verdict = system ? Verdict() : Judge(rules_, event);
  const bool critical = verdict.path == Path::kCritical;
  if (system || !(critical ? meant_.critical : meant_.standard)) {
    book_->Skip(event.position);
    return;
  }
  AddDuty(book_->Admit(OutboundEvent{&event, page_, verdict.score, critical}, page_pin_));
}

void SinkDelivery::AddDuty(LaneDuty duty) {
  if (duty.kind != LaneDuty::Kind::kNone) duties_.push_back(std::move(duty));
}

void SinkDelivery::SchedulePump() {
  // Who hands over now will see what has changed before it leaves.
  if (pumping_ || pump_queued_ || stopping_) return;
  pump_queued_ = true;
  follow::SubmitSoon(context_.executor, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->Pump();
  });
}

void SinkDelivery::Pump() {
  {
    absl::MutexLock lock(&mutex_);
    pump_queued_ = false;
    if (pumping_ || stopping_) return;
    pumping_ = true;
  }
  for (int i = 0; i < kHandoversPerTurn; ++i) {
    std::optional<PumpStep> step = NextStep();
    if (!step) return;
    for (const LaneDuty& duty : step->duties) Perform(duty);
    if (step->handover) HandOver(*std::move(step->handover));
  }
  {
    absl::MutexLock lock(&mutex_);
    LeavePump();
    SchedulePump();
  }
  ReadMore();
}

std::optional<SinkDelivery::PumpStep> SinkDelivery::NextStep() {
  PumpStep step;
  {
    absl::MutexLock lock(&mutex_);
    AdmitPage();
    if (!stopping_) {
      step.duties.swap(duties_);
      if (breaker_.Allows(book_->in_flight())) step.handover = book_->Take();
    }
    if (step.handover && step.handover->again) {
      ++retried_;
      metrics_.retried.Add(1);
    }
    if (step.handover || !step.duties.empty()) return step;
    LeavePump();
  }
  ReadMore();
  return std::nullopt;
}

void SinkDelivery::LeavePump() {
  pumping_ = false;
  ShowGauges();
  if (stopping_) quiet_.SignalAll();
  // A sink that does not answer must still show its lag.
  if (tick_armed_ || stopping_ || book_->size() == 0) return;
  tick_armed_ = true;
  Later(kTick, &SinkDelivery::Tick, "");
}

void SinkDelivery::HandOver(LaneBook::Handover handover) {
  const Position position = handover.event.event->position;
  const Timestamp recorded = handover.event.event->recorded;
  sink_.Deliver(std::move(handover.event), [self = shared_from_this(), position, recorded](
                                               const absl::StatusOr<Coordinate>& coordinate) {
    self->OnReport(position, recorded, coordinate.status());
  });
}

void SinkDelivery::OnReport(Position position, Timestamp recorded, const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  Outcome outcome = Outcome::kDelivered;
  if (status.ok()) {
    metrics_.delivered.Add(1);
    const int64_t micros = context_.clock.Now().micros - recorded.micros;
    metrics_.propagation_seconds.Observe(static_cast<double>(std::max<int64_t>(0, micros)) / 1e6);
    breaker_.Succeed();
    if (breaker_.state() == Breaker::State::kClosed) last_error_ = absl::OkStatus();
  } else {
    ++failed_;
    metrics_.failed.Add(1);
    last_error_ = status;
    outcome = absl::IsUnavailable(status) ? Outcome::kUnavailable : Outcome::kRefused;
    outcome == Outcome::kUnavailable ? OnSinkFailure() : breaker_.Succeed();
  }
  AddDuty(book_->Report(position, outcome,
                        absl::string_view(status.message().data(), status.message().size())));
  saver_->Reach(book_->checkpoint());
  if (stopping_) return;
  SchedulePump();
}

void SinkDelivery::OnSinkFailure() {
  const std::optional<absl::Duration> pause = breaker_.Fail(context_.ids.Random());
  if (pause) Later(*pause, &SinkDelivery::ProbeSink, "");
}

void SinkDelivery::Perform(const LaneDuty& duty) {
  if (duty.kind == LaneDuty::Kind::kDeadLetter) {
    WriteDeadLetter(duty.lane);
  } else {
    Later(BackOff(options_.retry_base, options_.retry_max, duty.attempts, context_.ids.Random()),
          &SinkDelivery::RetryLane, duty.lane);
  }
}

void SinkDelivery::WriteDeadLetter(const std::string& lane) {
  DeadLetter letter;
  letter.sink = std::string(sink_.Name());
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return;
    LaneBook::Failing failing = book_->Front(lane);
    letter.event = std::move(failing.event);
    letter.attempts = failing.attempts;
    letter.error = failing.attempts > 0 ? std::move(failing.error)
                                        : "not tried: an earlier event of its stream is parked";
  }
  context_.dead_letters->Write(std::move(letter),
                               [self = shared_from_this(), lane](const absl::Status& status) {
                                 self->OnDeadLetter(lane, status);
                               });
}

void SinkDelivery::OnDeadLetter(const std::string& lane, const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (!status.ok()) {
    last_error_ = status;
    Later(options_.retry_max, &SinkDelivery::RetryDeadLetter, lane);
    return;
  }
  AddDuty(book_->DeadLettered(lane));
  saver_->Reach(book_->checkpoint());
  SchedulePump();
}

void SinkDelivery::ShowGauges() {
  const Position head = context_.signal.head();
  const Position checkpoint = book_->checkpoint();
  metrics_.lag_events.Set(static_cast<double>(head.value - std::min(head, checkpoint).value));
  metrics_.lag_seconds.Set(absl::ToDoubleSeconds(Lag()));
  metrics_.breaker_state.Set(static_cast<double>(breaker_.state()));
  metrics_.dead_letters.Set(static_cast<double>(book_->dead_lettered()));
  metrics_.pending.Set(static_cast<double>(book_->size()));
}

absl::Duration SinkDelivery::Lag() const {
  const std::optional<Timestamp> oldest = book_->oldest();
  if (!oldest) return absl::ZeroDuration();
  return std::max(absl::ZeroDuration(),
                  absl::Microseconds(context_.clock.Now().micros - oldest->micros));
}

SinkStatus SinkDelivery::Status() {
  SinkStatus status;
  status.sink = std::string(sink_.Name());
  status.route = route_;
  status.health = sink_.Health();
  status.head = context_.signal.head();
  absl::MutexLock lock(&mutex_);
  if (!book_) return status;
  ShowGauges();
  status.checkpoint = book_->checkpoint();
  status.lag_events = status.head.value - std::min(status.head, status.checkpoint).value;
  status.lag = Lag();
  status.delivered = book_->delivered();
  status.failed = failed_;
  status.retried = retried_;
  status.dead_lettered = book_->dead_lettered();
  status.pending = book_->size();
  status.in_flight = book_->in_flight();
  status.blocked_lanes = book_->blocked_lanes();
  status.parked_lanes = book_->parked_lanes();
  status.breaker = breaker_.state();
  status.last_error = last_error_.ok() ? saver_->last_error() : last_error_;
  return status;
}

void SinkDelivery::Later(absl::Duration delay, void (SinkDelivery::*what)(std::string),
                         std::string lane) {
  context_.executor.RunAfter(delay, [weak = weak_from_this(), what, lane = std::move(lane)] {
    if (auto self = weak.lock()) (self.get()->*what)(lane);
  });
}

void SinkDelivery::RetryLane(std::string lane) {
  absl::MutexLock lock(&mutex_);
  book_->BackOffOver(lane);
  SchedulePump();
}

void SinkDelivery::RetryDeadLetter(std::string lane) { WriteDeadLetter(lane); }

void SinkDelivery::ProbeSink(std::string) {
  absl::MutexLock lock(&mutex_);
  breaker_.PauseOver();
  ShowGauges();
  SchedulePump();
}

void SinkDelivery::RetryRead(std::string) { ReadMore(); }

void SinkDelivery::Tick(std::string) {
  absl::MutexLock lock(&mutex_);
  tick_armed_ = false;
  if (pumping_) return;  // who hands over now arms the next
  ShowGauges();
  if (stopping_ || book_->size() == 0) return;
  tick_armed_ = true;
  Later(kTick, &SinkDelivery::Tick, "");
}

}  // namespace nexus::route
