#include "subscription/subscription.h"

#include <algorithm>
#include <utility>

#include "nexus/core/status_macros.h"

namespace nexus::subscription {
namespace {

std::optional<uint64_t> CheckpointBefore(const follow::FollowOptions& start) {
  // Position 0 stands before the first event; a revision has nothing that does.
  if (start.stream && start.next == 0) return std::nullopt;
  return start.next - 1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Subscription>> Subscription::Open(const Context& context,
                                                                 const SubscribeOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(follow::FollowOptions start,
                         ResolveStart(options, context.reader, context.limits));
  return std::unique_ptr<Subscription>(new Subscription(context, options, std::move(start)));
}

Subscription::Subscription(const Context& context, const SubscribeOptions& options,
                           follow::FollowOptions start)
    : context_(context),
      one_stream_(start.stream.has_value()),
      exclude_system_(options.exclude_system && !one_stream_),
      heartbeat_interval_(options.heartbeat_interval),
      checkpoint_(CheckpointBefore(start)),
      head_(context.signal.head()),
      last_message_(context.clock.Monotonic()),
      follower_(context.reader, context.signal, context.executor, std::move(start)) {}

Subscription::~Subscription() { Stop(); }

void Subscription::Cancel() { follower_.Cancel(); }

void Subscription::Stop() { follower_.Stop(); }

void Subscription::Next(NextDone done) {
  if (held_) {
    Message message = *std::move(held_);
    held_.reset();
    checkpoint_ = held_checkpoint_;
    at_end_ = held_at_end_;
    Emit(std::move(message), std::move(done));
    return;
  }
  if (at_end_ && !live_) {
    live_ = true;
    Emit(Message{.kind = Message::Kind::kCaughtUp}, std::move(done));
    return;
  }
  Look(std::move(done));
}

void Subscription::Look(NextDone done) {
  // Before CaughtUp an answer is wanted even if nothing lies ahead.
  const absl::Duration timeout = live_ ? UntilHeartbeat() : absl::ZeroDuration();
  follower_.Next(timeout, [this, done = std::move(done)](auto step) mutable {
    OnStep(std::move(step), std::move(done));
  });
}

void Subscription::OnStep(absl::StatusOr<follow::FollowStep> step, NextDone done) {
  if (!step.ok()) {
    done(std::move(step).status());
    return;
  }
  head_ = std::max(head_, step->head);
  if (step->batch) {
    OnPage(std::move(step->batch), std::move(done));
    return;
  }
  at_end_ = true;
  const auto kind = live_ ? Message::Kind::kHeartbeat : Message::Kind::kCaughtUp;
  live_ = true;
  Emit(Message{.kind = kind}, std::move(done));
}

void Subscription::OnPage(std::shared_ptr<const EventBatch> page, NextDone done) {
  const RecordedEvent& last = page->events.back();
  const uint64_t checkpoint = one_stream_ ? last.revision.value : last.position.value;
  const bool at_end = page->end;
  Message message{.kind = Message::Kind::kBatch};
  message.events = Select(*page);
  message.batch = std::move(page);
  if (live_ && !at_end) {
    live_ = false;
    at_end_ = false;
    if (!message.events.empty()) {
      held_ = std::move(message);
      held_checkpoint_ = checkpoint;
      held_at_end_ = at_end;
    } else {
      checkpoint_ = checkpoint;
    }
    Emit(Message{.kind = Message::Kind::kFellBehind}, std::move(done));
    return;
  }
  checkpoint_ = checkpoint;
  at_end_ = at_end;
  if (!message.events.empty()) {
    Emit(std::move(message), std::move(done));
  } else if (at_end_ && !live_) {
    live_ = true;
    Emit(Message{.kind = Message::Kind::kCaughtUp}, std::move(done));
  } else if (UntilHeartbeat() == absl::ZeroDuration()) {
    // A long stretch without a match still moves the checkpoint, and the subscriber learns of it.
    Emit(Message{.kind = Message::Kind::kHeartbeat}, std::move(done));
  } else {
    Look(std::move(done));
  }
}

absl::Duration Subscription::UntilHeartbeat() const {
  const absl::Duration due = last_message_ + heartbeat_interval_;
  return std::max(absl::ZeroDuration(), due - context_.clock.Monotonic());
}

std::vector<const RecordedEvent*> Subscription::Select(const EventBatch& page) const {
  std::vector<const RecordedEvent*> selected;
  selected.reserve(page.events.size());
  for (const RecordedEvent& event : page.events) {
    if (exclude_system_ && !event.stream.empty() && event.stream[0] == '$') continue;
    selected.push_back(&event);
  }
  return selected;
}

void Subscription::Emit(Message message, NextDone done) {
  last_message_ = context_.clock.Monotonic();
  message.checkpoint = checkpoint_;
  message.head = head_;
  message.time = context_.clock.Now();
  done(std::move(message));  // may destroy this
}

}  // namespace nexus::subscription
