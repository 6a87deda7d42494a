#include "route/sink_delivery.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "follow/submit_soon.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "route/declaration/route_match.h"

namespace nexus::route {
namespace {

// One turn of handing over; then others get the thread.
constexpr int kHandoversPerTurn = 256;
constexpr uint64_t kTurnsPerShow = 32;
constexpr absl::Duration kReadSoonAgain = absl::Seconds(1);
constexpr absl::Duration kTick = absl::Seconds(1);

size_t BytesOf(const EventBatch& page) {
  size_t bytes = 0;
  for (const RecordedEvent& event : page.events) {
    bytes += sizeof(RecordedEvent) + event.data.size();
    for (const auto& [key, value] : event.metadata) bytes += key.size() + value.size();
  }
  return bytes;
}

LaneBook::Options LanesFor(const RouteContext& context, const Sink& sink, LaneBook::Options lanes) {
  lanes.only_in_runs = sink.OnlyInRuns();
  if (context.dead_letters == nullptr) lanes.attempts_max = kAttemptsForEver;
  return lanes;
}

}  // namespace

SinkDelivery::SinkDelivery(RouteContext context, Sink& sink, DeliveryPlan plan,
                           std::function<void()> finished)
    : context_(std::move(context)),
      sink_(sink),
      plan_(std::move(plan)),
      reader_name_(absl::StrCat("route/", plan_.run)),
      pumps_on_reports_(sink.PerStreamMax() == 1 || sink.OnlyInRuns()),
      metrics_(context_.metrics, plan_.route, sink.Name()),
      breaker_(plan_.options.breaker),
      pinned_bytes_(std::make_shared<size_t>(0)),
      finished_(std::move(finished)) {}

absl::Status SinkDelivery::Start() {
  NEXUS_ASSIGN_OR_RETURN(const Position start, LoadCheckpoint());
  LaneBook book(LanesFor(context_, sink_, plan_.options.lanes), start);
  NEXUS_ASSIGN_OR_RETURN(const std::vector<OpenLane> open, LoadParked(book));
  saver_ = std::make_shared<CheckpointSaver>(context_.checkpoints, context_.executor, reader_name_,
                                             start, plan_.options.checkpoint, context_.ledger);
  follow::FollowOptions follow = follow::FollowOptions::WholeLogAfter(start);
  follow.limits = plan_.options.page;
  follower_ = std::make_unique<follow::LogFollower>(context_.reader, context_.signal,
                                                    context_.executor, std::move(follow));
  {
    absl::MutexLock lock(&mutex_);
    book_.emplace(std::move(book));
    rules_ = context_.classifications.At(start.Next());
    WatchPace();
    ShowGauges();
    Reached();
  }
  for (const OpenLane& lane : open) {
    if (lane.retrying) Retry(lane);
  }
  ReadMore();
  return absl::OkStatus();
}

absl::StatusOr<Position> SinkDelivery::LoadCheckpoint() {
  NEXUS_ASSIGN_OR_RETURN(std::optional<Position> saved, context_.checkpoints.Load(reader_name_));
  bool here = saved.has_value();
  if (!here && plan_.inherits && sink_.Name() != plan_.run) {
    NEXUS_ASSIGN_OR_RETURN(saved, context_.checkpoints.Load(absl::StrCat("route/", sink_.Name())));
  }
  if (!saved) {
    NEXUS_ASSIGN_OR_RETURN(saved, StartPosition());
  }
  const Position head = context_.reader.Head();
  if (*saved > head) {
    return MakeError(ErrorReason::kPositionBeyondHead,
                     absl::StrCat("route ", plan_.run, " has a checkpoint at ", saved->value,
                                  ", but the log ends at ", head.value));
  }
  // "Now" is decided once: a restart goes on from there.
  if (!here) {
    NEXUS_RETURN_IF_ERROR(context_.checkpoints.Save(reader_name_, *saved));
  }
  return *saved;
}

absl::StatusOr<Position> SinkDelivery::StartPosition() const {
  const Position head = context_.reader.Head();
  switch (plan_.start.from) {
    case StartAt::From::kBeginning:
      return Position(0);
    case StartAt::From::kNow:
      return head;
    case StartAt::From::kPosition:
      return Position(plan_.start.position.value - 1);
    case StartAt::From::kTime:
      break;
  }
  NEXUS_ASSIGN_OR_RETURN(const Position first, context_.reader.FirstRecordedAt(plan_.start.time));
  return Position(first.value - 1);
}

absl::StatusOr<std::vector<OpenLane>> SinkDelivery::LoadParked(LaneBook& book) {
  if (context_.dead_letters == nullptr) return std::vector<OpenLane>();
  NEXUS_ASSIGN_OR_RETURN(
      std::vector<OpenLane> open,
      context_.dead_letters->Open(plan_.run, plan_.inherits ? sink_.Name() : plan_.run));
  for (const OpenLane& lane : open) {
    if (lane.parked) book.Park(lane.stream);
  }
  return open;
}

absl::Status SinkDelivery::Stop(absl::Duration timeout) {
  {
    absl::MutexLock lock(&mutex_);
    if (!book_) return absl::OkStatus();
    stopping_ = true;
    pace_.reset();
    while (pumping_) quiet_.Wait(&mutex_);
  }
  follower_->Stop();
  const absl::Status flushed = sink_.Flush(timeout);
  const absl::Status saved = saver_->SaveNow();
  // What no longer runs has no lag that anyone should be woken for.
  metrics_.ClearGauges();
  return saved.ok() ? flushed : saved;
}

void SinkDelivery::ReadMore() {
  absl::MutexLock lock(&mutex_);
  if (stopping_ || reading_ || page_ || read_to_end_ ||
      book_->size() >= plan_.options.pending_events_max ||
      *pinned_bytes_ >= plan_.options.pending_bytes_max) {
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
      Later(kReadSoonAgain, &SinkDelivery::RetryRead, "");
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
  Pump(kHandoversPerTurn);
}

void SinkDelivery::AdmitPage() {
  if (!page_) return;
  const std::vector<RecordedEvent>& events = page_->events;
  while (page_next_ < events.size() && book_->size() < plan_.options.pending_events_max) {
    AdmitEvent(events[page_next_++]);
  }
  if (page_next_ < events.size()) return;
  page_.reset();
  page_pin_.reset();
  Reached();
}

// Something is done with: the checkpoint may have moved.
void SinkDelivery::Reached() {
  saver_->Reach(book_->checkpoint());
  if (!plan_.until || book_->checkpoint() < *plan_.until || !finished_) return;
  follow::SubmitSoon(context_.executor, std::exchange(finished_, nullptr));
}

void SinkDelivery::AdmitEvent(const RecordedEvent& event) {
  if (plan_.until && event.position > *plan_.until) {
    read_to_end_ = true;
    return;
  }
  if (event.stream == kRoutesStream) LearnRules(event);
  std::optional<OutboundEvent> outbound = Outbound(event, *rules_, page_);
  if (!outbound) return book_->Skip(event.position);
  ++matched_;
  book_->Admit(*std::move(outbound), page_pin_);
}

// A classification judges what comes after it.
void SinkDelivery::LearnRules(const RecordedEvent& event) {
  if (event.type != kClassificationDeclaredType) return;
  const absl::Status learned = context_.classifications.LearnEvent(event.position, event.data);
  if (!learned.ok()) last_error_ = learned;
  rules_ = context_.classifications.At(event.position.Next());
}

std::optional<OutboundEvent> SinkDelivery::Outbound(const RecordedEvent& event,
                                                    const Classification& rules,
                                                    std::shared_ptr<const EventBatch> batch) const {
  const Verdict verdict = Judge(rules.rules, event);
  if (!Matches(plan_.match, event, verdict.path)) return std::nullopt;
  OutboundEvent outbound;
  outbound.event = &event;
  outbound.batch = std::move(batch);
  outbound.score = verdict.score;
  outbound.critical = verdict.path == Path::kCritical;
  outbound.rules = rules.version;
  outbound.key = KeyOf(plan_.key, event);
  return outbound;
}

void SinkDelivery::AddDuty(LaneDuty duty) {
  if (duty.kind != LaneDuty::Kind::kNone) duties_.push_back(std::move(duty));
}

void SinkDelivery::SchedulePump() {
  // Who hands over now will see what has changed before it leaves.
  if (pumping_ || pump_queued_ || stopping_) return;
  pump_queued_ = true;
  follow::SubmitSoon(context_.executor, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->Pump(kHandoversPerTurn);
  });
}

void SinkDelivery::Pump(int handovers_max) {
  {
    absl::MutexLock lock(&mutex_);
    pump_queued_ = false;
    if (pumping_ || stopping_) return;
    pumping_ = true;
    short_turn_ = handovers_max < kHandoversPerTurn;
  }
  for (int i = 0; i < handovers_max; ++i) {
    std::optional<PumpStep> step = NextStep();
    if (!step) return;
    for (const LaneDuty& duty : step->duties) Perform(duty);
    for (const RecoveryDuty& duty : step->recoveries) Perform(duty);
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
      step.recoveries = book_->TakeRecoveries();
      book_->AllowPerLane(sink_.PerStreamMax());
      if (breaker_.Allows(book_->in_flight())) step.handover = book_->Take();
    }
    if (step.handover) MeterHandover(*step.handover);
    if (step.handover && step.handover->again) {
      ++retried_;
      metrics_.retried.Add(1);
    }
    if (step.handover || !step.duties.empty() || !step.recoveries.empty()) return step;
    LeavePump();
  }
  ReadMore();
  return std::nullopt;
}

void SinkDelivery::LeavePump() {
  pumping_ = false;
  // After each answer it would cost more than the answer.
  if (!short_turn_ || ++short_turns_ % kTurnsPerShow == 0) ShowGauges();
  if (stopping_) quiet_.SignalAll();
  ArmPace();
  // A sink that does not answer must still show its lag.
  if (tick_armed_ || stopping_ || book_->size() == 0) return;
  tick_armed_ = true;
  Later(kTick, &SinkDelivery::Tick, "");
}

}  // namespace nexus::route
