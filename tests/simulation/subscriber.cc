#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "simulation/client.h"

namespace nexus::simulation {

using subscription::Message;
using subscription::SubscribeOptions;

Subscriber::Subscriber(uint32_t number, World& world, std::string stream)
    : number_(number), world_(world), stream_(std::move(stream)) {}

void Subscriber::Open() {
  if (world_.process == nullptr) return OpenSoon();
  ++turn_;
  SubscribeOptions options;
  options.stream = stream_;
  options.heartbeat_interval = absl::Milliseconds(100);
  options.batch_events_max = static_cast<uint32_t>(world_.chance.Between(1, 20));
  // Not every checkpoint was kept: what follows an older one comes again.
  uint64_t seen = next_;
  if (seen > 0 && world_.chance.Buggify("a subscriber lost its last checkpoint")) {
    seen = world_.chance.Below(seen);
  }
  next_ = seen;
  if (seen > 0) {
    options.start = SubscribeOptions::Start::kAfter;
    options.after = stream_.empty() ? seen : seen - 1;
  }
  history::Session& session = journal_.sessions.emplace_back();
  session.client = number_;
  session.stream = stream_;
  session.next = stream_.empty() ? seen + 1 : seen;
  world_.process->engine().Subscribe(
      options, {}, [this, turn = turn_](auto opened) { OnOpened(turn, std::move(opened)); });
}

void Subscriber::OpenSoon() {
  const uint64_t turn = ++turn_;
  world_.loop.Post(kWorld, absl::Microseconds(world_.chance.Between(100, 2'000)), [this, turn] {
    if (turn == turn_) Open();
  });
}

void Subscriber::OnOpened(uint64_t turn,
                          absl::StatusOr<std::unique_ptr<subscription::Subscription>> opened) {
  if (turn != turn_) return;
  if (!opened.ok()) {
    if (ReasonOf(opened.status()) == ErrorReason::kPositionBeyondHead) {
      world_.Complain(absl::StrCat("subscriber ", number_, " has seen more than there is: ",
                                   std::string(opened.status().message())));
      return;
    }
    return OpenSoon();
  }
  subscription_ = *std::move(opened);
  Ask();
}

void Subscriber::Ask() {
  subscription_->Next([this, turn = turn_](absl::StatusOr<Message> message) {
    OnMessage(turn, std::move(message));
  });
}

void Subscriber::OnMessage(uint64_t turn, absl::StatusOr<Message> message) {
  if (turn != turn_) return;
  if (message.ok()) {
    history::Delivery delivery;
    delivery.head = message->head.value;
    delivery.checkpoint = message->checkpoint;
    for (const RecordedEvent* event : message->events) {
      delivery.events.push_back(history::Seen(*event));
    }
    if (message->checkpoint.has_value()) {
      next_ = stream_.empty() ? *message->checkpoint : *message->checkpoint + 1;
    }
    if (message->kind == Message::Kind::kFellBehind)
      world_.chance.Reached("a subscriber fell behind");
    if (message->kind == Message::Kind::kHeartbeat) world_.chance.Reached("a heartbeat");
    delivery.at = world_.ticks.Next();
    world_.loop.Note(delivery.events.size());
    journal_.sessions.back().deliveries.push_back(std::move(delivery));
  } else {
    world_.chance.Reached("a subscription fails and goes on");
  }
  const uint64_t most = world_.chance.Buggify("slow subscriber") ? 20'000 : 20;
  world_.loop.Post(kWorld, absl::Microseconds(world_.chance.Between(1, most)), [this, turn] {
    if (turn == turn_) Ask();
  });
}

void Subscriber::OnCrash() {
  subscription_.reset();
  OpenSoon();
}

bool Subscriber::CaughtUp() const {
  if (world_.process == nullptr) return false;
  if (stream_.empty()) return next_ >= world_.process->log().Head().value;
  const auto info = world_.process->log().GetStream(StreamName::Literal(stream_));
  if (!info.ok()) return ReasonOf(info.status()) == ErrorReason::kStreamNotFound && next_ == 0;
  return next_ == info->last_revision.value + 1;
}

}  // namespace nexus::simulation
