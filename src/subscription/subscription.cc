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

// Filtered pages of the log, where the subscriber names what it wants: an index may know them.
follow::PageSource SourceOf(index::FilteredReader& filtered, const SubscribeOptions& options) {
  if (!options.stream.empty() || options.filter.MatchesAll()) return nullptr;
  const index::Selection selection{options.filter, options.exclude_system, options.visible};
  return [&filtered, selection](Position next,
                                PageLimits limits) -> absl::StatusOr<follow::ChosenPage> {
    NEXUS_ASSIGN_OR_RETURN(
        index::FilteredPage page,
        filtered.Page(selection, {next, Position(UINT64_MAX)}, Direction::kForward, limits));
    return follow::ChosenPage{std::move(page.batch), page.scanned_to.value};
  };
}

}  // namespace

absl::StatusOr<std::unique_ptr<Subscription>> Subscription::Open(const Context& context,
                                                                 const SubscribeOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(follow::FollowOptions start,
                         ResolveStart(options, context.reader, context.limits));
  start.source = SourceOf(context.filtered, options);
  start.share = context.share;
  return std::unique_ptr<Subscription>(new Subscription(context, options, std::move(start)));
}

Subscription::Subscription(const Context& context, const SubscribeOptions& options,
                           follow::FollowOptions start)
    : context_(context),
      one_stream_(start.stream.has_value()),
      options_(options),
      selection_{options.filter, options.exclude_system && !one_stream_, options.visible},
      checkpoint_(CheckpointBefore(start)),
      head_(context.signal.head()),
      to_(options.to),
      ended_(to_ && checkpoint_ && *checkpoint_ >= *to_),
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
  if (ended_) {
    Emit(Message{.kind = Message::Kind::kEnd}, std::move(done));
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
  LookForEnd();
  if (step->batch) {
    OnPage(*std::move(step), std::move(done));
    return;
  }
  // Nothing lies between the last page and this head.
  ended_ = ended_ || (before_.value > 0 && step->head >= before_);
  if (ended_) {
    Emit(Message{.kind = Message::Kind::kEnd}, std::move(done));
    return;
  }
  at_end_ = true;
  const auto kind = live_ ? Message::Kind::kHeartbeat : Message::Kind::kCaughtUp;
  live_ = true;
  Emit(Message{.kind = kind}, std::move(done));
}

void Subscription::OnPage(follow::FollowStep step, NextDone done) {
  const std::optional<uint64_t> checkpoint = CheckpointOf(step);  // sees the end, too
  const bool at_end = step.at_end || ended_;
  // A page that was the end a moment ago leaves no more than itself behind: still live.
  const bool fell_behind = live_ && !step.batch->end && !ended_;
  Message message{.kind = Message::Kind::kBatch};
  for (const RecordedEvent& event : step.batch->events) {
    if (BeyondEnd(event)) break;
    if (Wanted(event)) message.events.push_back(&event);
  }
  message.batch = std::move(step.batch);
  message.shared = step.shared;
  if (fell_behind) {
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
  } else if (ended_) {
    Emit(Message{.kind = Message::Kind::kEnd}, std::move(done));
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

// A time becomes a position as soon as the log has reached it. Where that cannot be read now, the
// next step asks again: an event that is too late is known by its own time.
void Subscription::LookForEnd() {
  if (!options_.to_time || before_.value > 0) return;
  const absl::StatusOr<Position> first = context_.reader.FirstRecordedAt(*options_.to_time);
  if (!first.ok() || *first > head_) return;
  before_ = *first;
  if (!one_stream_) to_ = std::min(to_.value_or(UINT64_MAX), before_.value - 1);
}

bool Subscription::BeyondEnd(const RecordedEvent& event) const {
  const uint64_t at = one_stream_ ? event.revision.value : event.position.value;
  return (to_ && at > *to_) || (options_.to_time && event.recorded >= *options_.to_time);
}

bool Subscription::Wanted(const RecordedEvent& event) const {
  const bool by_time = options_.start == SubscribeOptions::Start::kTime;
  return !(by_time && event.recorded < options_.from_time) && selection_.Matches(event);
}

// How far a page comes, and whether that is the end.
std::optional<uint64_t> Subscription::CheckpointOf(const follow::FollowStep& step) {
  std::optional<uint64_t> checkpoint = step.passed;
  for (const RecordedEvent& event : step.batch->events) {
    if (!BeyondEnd(event)) continue;
    const uint64_t at = one_stream_ ? event.revision.value : event.position.value;
    checkpoint = at == 0 ? std::optional<uint64_t>() : at - 1;
    ended_ = true;
    break;
  }
  if (to_ && checkpoint && *checkpoint >= *to_) {
    checkpoint = to_;
    ended_ = true;
  }
  // What was passed stays passed.
  return checkpoint_ ? std::max(checkpoint_, checkpoint) : checkpoint;
}

absl::Duration Subscription::UntilHeartbeat() const {
  const absl::Duration due = last_message_ + options_.heartbeat_interval;
  return std::max(absl::ZeroDuration(), due - context_.clock.Monotonic());
}

void Subscription::Emit(Message message, NextDone done) {
  last_message_ = context_.clock.Monotonic();
  message.checkpoint = checkpoint_;
  message.head = head_;
  message.time = context_.clock.Now();
  done(std::move(message));  // may destroy this
}

}  // namespace nexus::subscription
