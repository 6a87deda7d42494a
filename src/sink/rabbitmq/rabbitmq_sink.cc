#include "sink/rabbitmq/rabbitmq_sink.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "concurrency/thread_name.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "sink/outbound/unavailable.h"
#include "sink/rabbitmq/broker_refusal.h"
#include "sink/rabbitmq/rabbitmq_socket.h"

namespace nexus::sink {
namespace {

constexpr int kPublishesPerTurn = 64;  // then confirms have their turn
constexpr size_t kRoutingKeyBytesMax = 255;
constexpr absl::Duration kGiveBack = absl::Seconds(10);

}  // namespace

absl::StatusOr<std::unique_ptr<RabbitMqSink>> RabbitMqSink::Open(RabbitMqOptions options,
                                                                 const Clock& clock) {
  NEXUS_RETURN_IF_ERROR(Check(options));
  NEXUS_ASSIGN_OR_RETURN(AddressPattern routing_key,
                         AddressPattern::Parse(options.routing_key, "rabbitmq.routing_key"));
  const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) return MakeError(ErrorReason::kInternal, "rabbitmq: no descriptor is left");
  return std::unique_ptr<RabbitMqSink>(
      new RabbitMqSink(std::move(options), std::move(routing_key), clock, wake));
}

RabbitMqSink::RabbitMqSink(RabbitMqOptions options, AddressPattern routing_key, const Clock& clock,
                           int wake)
    : options_(std::move(options)),
      routing_key_(std::move(routing_key)),
      clock_(clock),
      wake_(wake),
      outbox_({options_.queue_events_max, options_.queue_bytes_max,
               /*streams_in_order=*/PerStreamMaxOf(options_) > 1},
              [this] { Wake(); }),
      watchdog_(clock, options_.send_timeout),
      per_stream_max_(PerStreamMaxOf(options_)),
      health_(Unavailable(absl::StrCat("connecting to ", options_.brokers))),
      thread_([this] { Work(); }) {}

RabbitMqSink::~RabbitMqSink() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  Wake();
  thread_.join();
  ::close(wake_);
}

void RabbitMqSink::Deliver(OutboundEvent event, Delivered done) {
  outbox_.Add(std::move(event), std::move(done));
}

absl::Status RabbitMqSink::Flush(absl::Duration timeout) {
  if (outbox_.AwaitEmpty(timeout)) return absl::OkStatus();
  outbox_.GiveBackAll(Unavailable("the broker did not confirm it in time"));
  outbox_.AwaitEmpty(kGiveBack);
  return MakeError(ErrorReason::kDeadlineExceeded, "RabbitMQ did not confirm all events in time");
}

absl::Status RabbitMqSink::Health() {
  absl::MutexLock lock(&mutex_);
  return health_;
}

void RabbitMqSink::Work() {
  concurrency::NameThisThread(absl::StrCat("sink-", options_.name));
  worker_.store(std::this_thread::get_id());
  absl::Duration pause = absl::ZeroDuration();
  for (size_t attempt = 0; !stopping(); ++attempt) {
    absl::StatusOr<std::unique_ptr<RabbitMqConnection>> connection = Connect(attempt);
    absl::Status lost = connection.status();
    if (connection.ok()) {
      const absl::Duration since = clock_.Monotonic();
      lost = Serve(**connection);
      // One that breaks at once must not be made again and again without a pause.
      if (clock_.Monotonic() - since > options_.backoff_max) pause = absl::ZeroDuration();
      if (lost.ok()) (*connection)->SayGoodbye();  // the sink closes
    }
    // No longer than necessary: a broker may still read what is in the socket.
    connection = Unavailable("closed");
    if (lost.ok()) break;
    SetHealth(lost);
    outbox_.Close(lost);
    if (!Pause(pause)) break;
    pause = std::clamp(pause * 2, options_.backoff_base, options_.backoff_max);
  }
  outbox_.Close(Unavailable("the sink is closing"));
}

absl::StatusOr<std::unique_ptr<RabbitMqConnection>> RabbitMqSink::Connect(size_t attempt) {
  const std::vector<BrokerAddress> brokers = BrokersOf(options_);
  NEXUS_ASSIGN_OR_RETURN(
      std::unique_ptr<RabbitMqConnection> connection,
      RabbitMqConnection::Open(options_, brokers[attempt % brokers.size()], watchdog_));
  NEXUS_RETURN_IF_ERROR(connection->Prepare());
  connections_.fetch_add(1);
  return connection;
}

// Until the connection is lost: why. OK: the sink closes.
absl::Status RabbitMqSink::Serve(RabbitMqConnection& connection) {
  unconfirmed_ = Unconfirmed();
  blocked_ = false;
  // It may have been made larger meanwhile, but not while a refusal is all that happened.
  if (!std::exchange(closed_for_size_, false)) broker_bytes_max_ = 0;
  outbox_.Open();
  SetHealth(absl::OkStatus());
  while (!stopping()) {
    NEXUS_RETURN_IF_ERROR(ReadNotices(connection));
    NEXUS_ASSIGN_OR_RETURN(const bool more, PublishSome(connection));
    NEXUS_RETURN_IF_ERROR(LookForSilence());
    if (!more) Wait(connection.fd());
  }
  return absl::OkStatus();
}

absl::Status RabbitMqSink::ReadNotices(RabbitMqConnection& connection) {
  while (true) {
    NEXUS_ASSIGN_OR_RETURN(const std::optional<Notice> notice, connection.Next());
    if (!notice) return absl::OkStatus();
    NEXUS_RETURN_IF_ERROR(Heed(*notice));
  }
}

absl::Status RabbitMqSink::Heed(const Notice& notice) {
  if (const auto* confirmed = std::get_if<Confirmed>(&notice)) Heed(*confirmed);
  if (const auto* returned = std::get_if<Returned>(&notice)) {
    unconfirmed_.MarkReturned(returned->message_id);
  }
  if (const auto* blocked = std::get_if<Blocked>(&notice)) {
    blocked_ = true;
    const absl::Status why =
        Unavailable(absl::StrCat("the broker blocks publishers: ", blocked->why));
    SetHealth(why);
    outbox_.CloseIntake(why);
  }
  if (std::holds_alternative<Unblocked>(notice)) {
    blocked_ = false;
    outbox_.Open();
    SetHealth(absl::OkStatus());
  }
  if (const auto* closed = std::get_if<Closed>(&notice)) return Heed(*closed);
  return absl::OkStatus();
}

void RabbitMqSink::Heed(const Confirmed& confirmed) {
  if (!confirmed.taken && options_.per_stream_max == 0) per_stream_max_.store(1);
  unconfirmed_.Confirm(
      confirmed.tag, confirmed.multiple, [&](uint64_t tag, const Publication& publication) {
        if (publication.returned) {
          outbox_.Answer(publication.ticket,
                         MakeError(ErrorReason::kNotFound,
                                   absl::StrCat("no queue of ", options_.exchange, " is bound to ",
                                                publication.routing_key)));
        } else if (confirmed.taken) {
          outbox_.Answer(publication.ticket, Coordinate{.place = options_.exchange,
                                                        .number = static_cast<int64_t>(tag)});
        } else {
          outbox_.Answer(publication.ticket,
                         Unavailable("the broker did not take it (nack): a queue is full"));
        }
      });
}

// The broker refuses some messages by closing the channel: of what came behind them it keeps
// nothing.
absl::Status RabbitMqSink::Heed(const Closed& closed) {
  const BrokerRefusal refusal = RefusalIn(closed.code, closed.why);
  const std::optional<Publication> refused = unconfirmed_.TakeFirst(
      [&](const Publication& publication) { return refusal.Concerns(publication); });
  closed_for_size_ = refusal.reason == ErrorReason::kLimitExceeded;
  if (closed_for_size_) broker_bytes_max_ = refusal.bytes_max;
  if (refused) outbox_.Answer(refused->ticket, MakeError(refusal.reason, closed.why));
  return Unavailable(absl::StrCat("the broker closed the channel: ", closed.why));
}

absl::StatusOr<bool> RabbitMqSink::PublishSome(RabbitMqConnection& connection) {
  if (blocked_ || !outbox_.HasReady()) return false;
  const CorkedSocket corked(connection.fd());
  for (int i = 0; i < kPublishesPerTurn; ++i) {
    if (unconfirmed_.size() >= options_.in_flight_max) return false;
    const std::optional<Outbox::Item> item = outbox_.Take();
    if (!item) return false;
    NEXUS_RETURN_IF_ERROR(Publish(connection, *item));
  }
  return true;
}

absl::Status RabbitMqSink::Publish(RabbitMqConnection& connection, const Outbox::Item& item) {
  const RecordedEvent& event = *item.event.event;
  const absl::StatusOr<Message> message = Message::For(item.event, options_.format);
  std::string routing_key = routing_key_.For(item.event);
  const absl::Status refused = message.ok() ? WhyNot(routing_key, *message) : message.status();
  if (!refused.ok()) {
    outbox_.Answer(item.ticket, refused);
    return absl::OkStatus();
  }
  NEXUS_RETURN_IF_ERROR(connection.Publish(routing_key, event, *message));
  unconfirmed_.Add({.ticket = item.ticket,
                    .message_id = event.id.ToString(),
                    .routing_key = std::move(routing_key),
                    .bytes = message->body().size(),
                    .at = clock_.Monotonic()});
  return absl::OkStatus();
}

absl::Status RabbitMqSink::WhyNot(absl::string_view routing_key, const Message& message) const {
  size_t limit = options_.message_bytes_max;
  if (broker_bytes_max_ > 0) limit = std::min(limit, broker_bytes_max_);
  if (message.body().size() > limit) {
    return MakeError(ErrorReason::kLimitExceeded, absl::StrCat("a value of ", message.body().size(),
                                                               " bytes; the limit is ", limit));
  }
  if (routing_key.size() > kRoutingKeyBytesMax) {
    return MakeError(ErrorReason::kMalformedRequest,
                     absl::StrCat("a routing key of ", routing_key.size(),
                                  " bytes; AMQP allows 255: ", routing_key));
  }
  return absl::OkStatus();
}

// A broker that takes messages, sends heartbeats and confirms nothing is as good as gone. One that
// blocks publishers has said so.
absl::Status RabbitMqSink::LookForSilence() const {
  const std::optional<absl::Duration> oldest = unconfirmed_.oldest();
  if (blocked_ || !oldest || clock_.Monotonic() - *oldest < options_.confirm_timeout) {
    return absl::OkStatus();
  }
  return Unavailable(absl::StrCat("the broker confirmed nothing for ",
                                  absl::FormatDuration(options_.confirm_timeout)));
}

void RabbitMqSink::Wait(int fd) const {
  // The library sends and expects heartbeats when it is called; silence is looked for here.
  const int64_t milliseconds =
      absl::ToInt64Milliseconds(std::min(options_.heartbeat / 3, options_.confirm_timeout / 4));
  pollfd polled[2] = {{fd, POLLIN, 0}, {wake_, POLLIN, 0}};
  ::poll(polled, 2, static_cast<int>(milliseconds));
  uint64_t count;
  if ((polled[1].revents & POLLIN) != 0) static_cast<void>(!::read(wake_, &count, sizeof(count)));
}

void RabbitMqSink::Wake() const {
  // The thread itself looks for more before it waits.
  if (std::this_thread::get_id() == worker_.load()) return;
  const uint64_t one = 1;
  static_cast<void>(!::write(wake_, &one, sizeof(one)));
}

bool RabbitMqSink::Pause(absl::Duration pause) {
  absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause);
}

bool RabbitMqSink::stopping() {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void RabbitMqSink::SetHealth(const absl::Status& health) {
  absl::MutexLock lock(&mutex_);
  health_ = health;
}

}  // namespace nexus::sink
