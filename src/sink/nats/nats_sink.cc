#include "sink/nats/nats_sink.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "concurrency/thread_name.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "sink/nats/nats_stream.h"
#include "sink/outbound/unavailable.h"

namespace nexus::sink {
namespace {

constexpr int kPublishesPerFlush = 64;
constexpr absl::Duration kLookAgain = absl::Milliseconds(50);
constexpr absl::Duration kAskAgain = absl::Seconds(1);
constexpr absl::Duration kGiveBackNats = absl::Seconds(10);

// Set on the library's thread while it brings an acknowledgement and has not many more to bring.
struct Acking {
  const NatsSink* sink = nullptr;
  NatsSession* session = nullptr;
};
// With more than so many, publishing is left to the other thread: then two have something to do.
constexpr int kAcksToShare = 4;
thread_local Acking acking;

}  // namespace

absl::StatusOr<std::unique_ptr<NatsSink>> NatsSink::Open(NatsOptions options, const Clock& clock) {
  NEXUS_RETURN_IF_ERROR(Check(options));
  NEXUS_ASSIGN_OR_RETURN(AddressPattern subject,
                         AddressPattern::Parse(options.subject, "nats.subject"));
  return std::unique_ptr<NatsSink>(new NatsSink(std::move(options), std::move(subject), clock));
}

NatsSink::NatsSink(NatsOptions options, AddressPattern subject, const Clock& clock)
    : options_(std::move(options)),
      subject_(std::move(subject)),
      clock_(clock),
      run_(clock),
      health_(Unavailable(absl::StrCat("connecting to ", options_.servers))),
      // Whoever waits for something to publish looks again when the mutex is let go.
      outbox_({options_.queue_events_max, options_.queue_bytes_max,
               /*streams_in_order=*/options_.per_stream_max != 1},
              [this] { const absl::MutexLock lock(&mutex_); }),
      thread_([this] { Work(); }) {}

NatsSink::~NatsSink() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

size_t NatsSink::PerStreamMax() const {
  return OnlyInRuns() ? run_.max() : options_.per_stream_max;
}

void NatsSink::Deliver(OutboundEvent event, Delivered done) {
  // What follows an acknowledgement goes on that thread, which waits for the server anyway; any
  // other must not.
  if (acking.sink == this && PublishAtOnce(*acking.session, event, done)) return;
  outbox_.Add(std::move(event), std::move(done));
}

bool NatsSink::PublishAtOnce(NatsSession& session, OutboundEvent& event, Delivered& done) {
  absl::MutexLock order(&publish_mutex_);
  if (!HasRoom() || outbox_.HasReady()) return false;
  const std::optional<Outbox::Item> item = outbox_.AddTaken(std::move(event), std::move(done));
  if (item) Publish(session, *item);
  return true;
}

absl::Status NatsSink::Flush(absl::Duration timeout) {
  if (outbox_.AwaitEmpty(timeout)) return absl::OkStatus();
  outbox_.GiveBackAll(Unavailable("the server did not acknowledge it in time"));
  outbox_.AwaitEmpty(kGiveBackNats);
  return MakeError(ErrorReason::kDeadlineExceeded, "NATS did not acknowledge all events in time");
}

absl::Status NatsSink::Health() {
  absl::MutexLock lock(&mutex_);
  return health_;
}

void NatsSink::Work() {
  concurrency::NameThisThread(absl::StrCat("sink-", options_.name));
  absl::Duration pause = absl::ZeroDuration();
  for (size_t attempt = 0;; ++attempt) {
    const absl::Duration since = clock_.Monotonic();
    absl::StatusOr<std::unique_ptr<NatsSession>> session = Connect(attempt);
    const absl::Status lost = session.ok() ? Serve(**session) : session.status();
    if (lost.ok()) break;  // the sink closes
    // One that breaks at once must not be made again and again without a pause.
    if (session.ok() && clock_.Monotonic() - since > options_.backoff_max) {
      pause = absl::ZeroDuration();
    }
    session = Unavailable("closed");
    SetHealth(lost);
    outbox_.Close(lost);
    if (!Pause(pause)) break;
    pause = std::clamp(pause * 2, options_.backoff_base, options_.backoff_max);
  }
  outbox_.Close(Unavailable("the sink is closing"));
}

absl::StatusOr<std::unique_ptr<NatsSession>> NatsSink::Connect(size_t attempt) {
  const std::vector<NatsServerAddress> servers = ServersOf(options_);
  NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<NatsSession> session,
                         NatsSession::Open(options_, servers[attempt % servers.size()]));
  NEXUS_RETURN_IF_ERROR(PrepareStream(*session, options_));
  connections_.fetch_add(1);
  return session;
}

// Until the session is lost: why. OK: the sink closes.
absl::Status NatsSink::Serve(NatsSession& session) {
  {
    absl::MutexLock lock(&mutex_);
    flights_.Clear();
    lost_ = absl::OkStatus();
  }
  {
    absl::MutexLock order(&publish_mutex_);
    run_.Clear();
  }
  session.TakeAcks([this, &session](const NatsReply& reply, int more) {
    if (more <= kAcksToShare) acking = {this, &session};
    TakeAck(reply);
    acking = {};
  });
  std::thread reader([this, &session] { ReadReplies(session); });
  outbox_.Open();
  SetHealth(absl::OkStatus());
  session.CorkThisThread();
  absl::Status lost;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      const auto awake = [this] {
        mutex_.AssertHeld();
        return stopping_ || !lost_.ok() || CanPublish();
      };
      mutex_.Await(absl::Condition(&awake));
      lost = lost_;
      if (stopping_ || !lost.ok()) break;
    }
    PublishSome(session);
  }
  session.UncorkThisThread();
  session.Close();
  reader.join();
  return lost;
}

void NatsSink::PublishSome(NatsSession& session) {
  for (int i = 0; i < kPublishesPerFlush && PublishNext(session); ++i) {
  }
  session.Flush();
}

bool NatsSink::PublishNext(NatsSession& session) {
  absl::MutexLock order(&publish_mutex_);
  if (!HasRoom()) return false;
  const std::optional<Outbox::Item> item = outbox_.Take();
  if (item) Publish(session, *item);
  return item.has_value();
}

bool NatsSink::HasRoom() {
  absl::MutexLock lock(&mutex_);
  return lost_.ok() && flights_.size() < options_.in_flight_max;
}

bool NatsSink::CanPublish() const {
  return flights_.size() < options_.in_flight_max && outbox_.HasReady();
}

void NatsSink::Publish(NatsSession& session, const Outbox::Item& item) {
  const absl::StatusOr<Message> message = Message::For(item.event, options_.format);
  if (!message.ok()) {
    outbox_.Answer(item.ticket, message.status());
    return;
  }
  const std::string subject = subject_.For(item.event);
  {
    // Before it goes: the answer may be faster than this thread.
    absl::MutexLock lock(&mutex_);
    flights_.Add(item.ticket, subject, clock_.Monotonic());
  }
  const RecordedEvent& event = *item.event.event;
  const std::string behind = OnlyInRuns() ? run_.Before(event) : "";
  const absl::Status sent = session.Publish(subject, item.ticket, event, *message, behind);
  if (sent.ok()) return run_.Published(event, item.ticket);
  if (absl::IsUnavailable(sent)) {
    Lose(sent);
    return;
  }
  {
    absl::MutexLock lock(&mutex_);
    flights_.Land(item.ticket);
  }
  outbox_.Answer(item.ticket, sent);
}

void NatsSink::ReadReplies(NatsSession& session) {
  concurrency::NameThisThread(absl::StrCat("acks-", options_.name));
  asked_ = looked_ = -absl::InfiniteDuration();
  while (true) {
    const absl::StatusOr<std::optional<NatsReply>> reply = session.Next(kLookAgain);
    if (!reply.ok()) {
      Lose(reply.status());
      return;
    }
    if (*reply) Heed(session, **reply);
    const absl::Duration now = clock_.Monotonic();
    if (now - looked_ < kLookAgain / 2) continue;
    looked_ = now;
    GiveUpForbidden(session);
    GiveUpLate();
  }
}

std::string NatsSink::Land(Outbox::Ticket ticket) {
  absl::MutexLock lock(&mutex_);
  return flights_.Land(ticket);
}

void NatsSink::Heed(NatsSession& session, const NatsReply& reply) {
  if (!reply.nobody) return TakeAck(reply);
  const std::string subject = Land(reply.ticket);
  if (!subject.empty()) Fail(reply.ticket, WhyNobody(session, subject));
}

// In this order: what follows it either waits and is not sent, or was sent as what comes behind it.
void NatsSink::Fail(Outbox::Ticket ticket, const absl::Status& why) {
  outbox_.Answer(ticket, why);
  absl::MutexLock order(&publish_mutex_);
  run_.Forget(ticket);
}

void NatsSink::TakeAck(const NatsReply& reply) {
  if (Land(reply.ticket).empty()) return;  // it came too late
  if (!reply.ack.ok()) {
    if (absl::IsAborted(reply.ack.status())) run_.Broke();
    Fail(reply.ticket, reply.ack.status());
  } else {
    if (reply.ack->duplicate) {
      duplicates_.fetch_add(1);
      absl::MutexLock order(&publish_mutex_);
      run_.Forget(reply.ticket);
    } else {
      run_.Landed(reply.ticket);
    }
    outbox_.Answer(reply.ticket, Coordinate{.place = reply.ack->stream,
                                            .number = static_cast<int64_t>(reply.ack->sequence)});
  }
}

// Nobody listens to the subject. That is the event's fault if the stream is there and does not
// cover it; else the stream is gone, or without a leader for a moment.
absl::Status NatsSink::WhyNobody(NatsSession& session, const std::string& subject) {
  const absl::Duration now = clock_.Monotonic();
  if (now - asked_ >= kAskAgain) {
    listens_ = SubjectsOfStream(session, options_.stream);
    asked_ = now;
  }
  if (absl::IsNotFound(listens_.status())) {
    const absl::Status gone = Unavailable(listens_.status().message());
    Lose(gone);
    return gone;
  }
  if (!listens_.ok()) return listens_.status();
  const bool covered = std::any_of(listens_->begin(), listens_->end(), [&](const auto& filter) {
    return SubjectMatches(filter, subject);
  });
  if (covered) return Unavailable(absl::StrCat("the stream ", options_.stream, " does not answer"));
  return MakeError(ErrorReason::kNotFound,
                   absl::StrCat("the stream ", options_.stream, " does not listen to ", subject));
}

void NatsSink::GiveUpLate() {
  std::vector<Outbox::Ticket> late;
  {
    absl::MutexLock lock(&mutex_);
    late = flights_.TakeLate(clock_.Monotonic() - options_.ack_timeout);
  }
  for (const Outbox::Ticket ticket : late) {
    Fail(ticket, Unavailable(absl::StrCat("no acknowledgement within ",
                                          absl::FormatDuration(options_.ack_timeout))));
  }
}

// The server tells a violation by itself, drops the message and answers nothing.
void NatsSink::GiveUpForbidden(const NatsSession& session) {
  std::vector<Outbox::Ticket> forbidden;
  const std::string violation = session.LastViolation();
  if (violation.empty()) return;
  {
    absl::MutexLock lock(&mutex_);
    forbidden = flights_.TakeIf([&](absl::string_view subject) {
      return absl::EndsWith(violation, absl::StrCat("\"", subject, "\"")) ||
             absl::EndsWith(violation, absl::StrCat("\"", subject));
    });
  }
  for (const Outbox::Ticket ticket : forbidden) {
    Fail(ticket, MakeError(ErrorReason::kAccessDenied, violation));
  }
}

void NatsSink::Lose(const absl::Status& why) {
  absl::MutexLock lock(&mutex_);
  if (lost_.ok()) lost_ = why;
}

bool NatsSink::Pause(absl::Duration pause) {
  absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause);
}

void NatsSink::SetHealth(const absl::Status& health) {
  absl::MutexLock lock(&mutex_);
  health_ = health;
}

}  // namespace nexus::sink
