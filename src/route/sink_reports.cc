// What comes back from the sink, and what is due then.

#include <algorithm>
#include <utility>

#include "nexus/core/errors.h"
#include "route/sink_delivery.h"

namespace nexus::route {
namespace {

constexpr double kScoreUnits = 10'000;
constexpr absl::Duration kTickAgain = absl::Seconds(1);
constexpr int kHandoversPerReport = 4;

ErrorClass ClassOf(const absl::Status& status) {
  switch (ReasonOf(status)) {
    case ErrorReason::kLimitExceeded:
      return ErrorClass::kTooLarge;
    case ErrorReason::kNotFound:
      return ErrorClass::kUnroutable;
    case ErrorReason::kAccessDenied:
      return ErrorClass::kForbidden;
    case ErrorReason::kMalformedRequest:
      return ErrorClass::kMalformed;
    case ErrorReason::kSchemaViolation:
    case ErrorReason::kSchemaNotRegistered:
      return ErrorClass::kTransform;
    default:
      return ErrorClass::kOther;
  }
}

}  // namespace

void SinkDelivery::HandOver(LaneBook::Handover handover) {
  const RecordedEvent& event = *handover.event.event;
  Sent sent{event.position,       event.recorded,       handover.event.critical,
            handover.event.score, handover.event.rules, handover.again};
  if (context_.check_stamp) {
    const absl::Status stamp = context_.check_stamp(event);
    sent.stamped = stamp.ok();
    if (!stamp.ok()) return OnReport(sent, stamp);
  }
  sink_.Deliver(std::move(handover.event),
                [self = shared_from_this(), sent](const absl::StatusOr<Coordinate>& coordinate) {
                  self->OnReport(sent, coordinate);
                });
}

void SinkDelivery::OnReport(const Sent& sent, const absl::StatusOr<Coordinate>& coordinate) {
  {
    absl::MutexLock lock(&mutex_);
    TakeReport(sent, coordinate);
    if (stopping_ || pumping_) return;
    if (!pumps_on_reports_) return SchedulePump();
  }
  Pump(kHandoversPerReport);
}

void SinkDelivery::TakeReport(const Sent& sent, const absl::StatusOr<Coordinate>& coordinate) {
  const absl::Status& status = coordinate.status();
  Outcome outcome = Outcome::kDelivered;
  Refusal refusal;
  MeterReport(sent, status.ok());
  if (status.ok()) {
    CountDelivered(sent, *coordinate);
  } else if (absl::IsAborted(status)) {
    // What stopped it is told of the event before it.
    outcome = Outcome::kUnavailable;
  } else {
    ++failed_;
    if (!sent.stamped) metrics_.unstamped.Add(1);
    last_error_ = status;
    outcome =
        sent.stamped && absl::IsUnavailable(status) ? Outcome::kUnavailable : Outcome::kRefused;
    refusal.error = absl::string_view(status.message().data(), status.message().size());
    refusal.error_class = sent.stamped ? ClassOf(status) : ErrorClass::kUnstamped;
    refusal.action = plan_.on_error[refusal.error_class];
    if (outcome == Outcome::kUnavailable) {
      metrics_.Unavailable().Add(1);
      OnSinkFailure();
    } else {
      metrics_.Refused(refusal.error_class).Add(1);
      breaker_.Succeed();
    }
  }
  AddDuty(book_->Report(sent.position, outcome, refusal));
  Reached();
}

void SinkDelivery::CountDelivered(const Sent& sent, const Coordinate& coordinate) {
  metrics_.delivered.Add(1);
  const Timestamp now = context_.clock.Now();
  const int64_t micros = now.micros - sent.recorded.micros;
  (sent.critical ? metrics_.critical_seconds : metrics_.standard_seconds)
      .Observe(static_cast<double>(std::max<int64_t>(0, micros)) / 1e6);
  breaker_.Succeed();
  if (breaker_.state() == Breaker::State::kClosed) last_error_ = absl::OkStatus();
  EgressRow row;
  row.position = sent.position;
  row.partition = coordinate.partition;
  row.number = coordinate.number;
  row.delivered = now;
  row.critical = sent.critical;
  row.score = static_cast<uint32_t>(sent.score * kScoreUnits + 0.5);
  row.rules = sent.rules;
  saver_->Record(coordinate.place, row);
}

void SinkDelivery::OnSinkFailure() {
  const std::optional<absl::Duration> pause = breaker_.Fail(context_.ids.Random());
  if (pause) Later(*pause, &SinkDelivery::ProbeSink, "");
}

void SinkDelivery::Perform(const LaneDuty& duty) {
  if (duty.kind == LaneDuty::Kind::kDeadLetter) {
    WriteDeadLetter(duty.lane);
  } else {
    Later(BackOff(plan_.options.retry_base, plan_.options.retry_max, duty.attempts,
                  context_.ids.Random()),
          &SinkDelivery::RetryLane, duty.lane);
  }
}

void SinkDelivery::WriteDeadLetter(const std::string& lane) {
  DeadLetter letter;
  letter.route = plan_.run;
  letter.sink = std::string(sink_.Name());
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return;
    LaneBook::Failing failing = book_->Front(lane);
    letter.event = std::move(failing.event);
    letter.attempts = failing.attempts;
    letter.error = std::move(failing.error);
    letter.error_class = failing.error_class;
    letter.fate = failing.skipped ? LetterFate::kSkipped
                  : failing.parks ? LetterFate::kParked
                                  : LetterFate::kPassed;
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
    Later(plan_.options.retry_max, &SinkDelivery::RetryDeadLetter, lane);
    return;
  }
  AddDuty(book_->DeadLettered(lane));
  Reached();
  SchedulePump();
}

void SinkDelivery::ShowGauges() {
  if (stopping_) return;
  const Position head = context_.signal.head();
  const Position checkpoint = book_->checkpoint();
  metrics_.lag_events.Set(static_cast<double>(head.value - std::min(head, checkpoint).value));
  metrics_.lag_seconds.Set(absl::ToDoubleSeconds(Lag()));
  metrics_.breaker_state.Set(static_cast<double>(breaker_.state()));
  metrics_.parked_lanes.Set(static_cast<double>(book_->parked_lanes()));
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
  status.route = plan_.run;
  status.health = sink_.Health();
  status.head = context_.signal.head();
  absl::MutexLock lock(&mutex_);
  if (!book_) return status;
  ShowGauges();
  status.checkpoint = book_->checkpoint();
  status.lag_events = status.head.value - std::min(status.head, status.checkpoint).value;
  status.lag = Lag();
  status.matched = matched_;
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
  Later(kTickAgain, &SinkDelivery::Tick, "");
}

}  // namespace nexus::route
