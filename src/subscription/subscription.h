#pragma once

// Subscription: what one subscriber of the log gets to see, message by message.
//
// History in batches, CaughtUp, then each new event once it is durable; FellBehind when the live
// tail has run away by more than a batch; heartbeats in between. Every message carries a checkpoint
// to resume after and the head. Pull: the next page is read when the subscriber asks for it, so a
// slow one costs a page of memory and nothing else.
//
// Next() may come from any thread, one at a time; Cancel() and Stop() at any time.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "follow/head_signal.h"
#include "follow/log_follower.h"
#include "index/filtered_reader.h"
#include "index/selection.h"
#include "nexus/core/clock.h"
#include "nexus/core/limits.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "subscription/subscribe_options.h"

namespace nexus::subscription {

struct Message {
  enum class Kind { kBatch, kCaughtUp, kFellBehind, kHeartbeat, kEnd };

  Kind kind = Kind::kHeartbeat;  // kEnd: everything asked for was delivered; nothing follows
  // kBatch: the events that the subscriber asked for, at least one. They point into `batch`, which
  // may hold others too.
  std::vector<const RecordedEvent*> events = {};
  std::shared_ptr<const EventBatch> batch = nullptr;
  bool shared = false;  // other subscriptions may get the same `batch`
  // Resume after this revision (one stream) or position (whole log). It passes events that were
  // left out. Nothing: no event of the stream was passed yet, begin at the beginning.
  std::optional<uint64_t> checkpoint = {};
  Position head = {};   // last durable position known
  Timestamp time = {};  // of this message
};

class Subscription {
 public:
  using NextDone = absl::AnyInvocable<void(absl::StatusOr<Message>)>;

  // What all subscriptions share. Everything named here must outlive them.
  struct Context {
    EventReader& reader;
    index::FilteredReader& filtered;
    follow::HeadSignal& signal;
    Executor& executor;
    const Clock& clock;
    Limits limits;
    std::shared_ptr<follow::PageShare> share = nullptr;  // nullptr: each reads alone
  };

  // Checks the options (ResolveStart has the errors) and takes "the end" to be the end now. May
  // read from disk.
  static absl::StatusOr<std::unique_ptr<Subscription>> Open(const Context& context,
                                                            const SubscribeOptions& options);

  ~Subscription();  // Stop()
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  // `done` runs once with the next message: on the executor, or inside this call when one is due
  // already (never more than two in a row). It may call Next() and may destroy the subscription.
  // After an error Next() may be called again and goes on where it was.
  void Next(NextDone done);

  // No `done` begins after this returns. Never blocks.
  void Cancel();

  // Cancel(), and waits for a `done` that runs on another thread.
  void Stop();

 private:
  Subscription(const Context& context, const SubscribeOptions& options,
               follow::FollowOptions start);

  void Look(NextDone done);
  void OnStep(absl::StatusOr<follow::FollowStep> step, NextDone done);
  void OnPage(follow::FollowStep step, NextDone done);
  absl::Duration UntilHeartbeat() const;
  void LookForEnd();
  bool BeyondEnd(const RecordedEvent& event) const;
  bool Wanted(const RecordedEvent& event) const;
  std::optional<uint64_t> CheckpointOf(const follow::FollowStep& step);
  void Emit(Message message, NextDone done);

  Context context_;
  const bool one_stream_;
  const SubscribeOptions options_;
  const index::Selection selection_;

  // Touched by one Next() at a time.
  std::optional<uint64_t> checkpoint_;
  Position head_;
  bool live_ = false;            // CaughtUp was said and no FellBehind since
  bool at_end_ = false;          // the last page reached the head: CaughtUp is due
  std::optional<Message> held_;  // the page that made FellBehind due
  std::optional<uint64_t> held_checkpoint_;
  bool held_at_end_ = false;
  std::optional<uint64_t> to_;   // the end, as far as it is known
  Position before_;              // the first event that is too late by its time; 0: none yet
  bool ended_ = false;           // everything up to the end was passed
  absl::Duration last_message_;  // monotonic

  follow::LogFollower follower_;  // last: stops before the rest goes
};

}  // namespace nexus::subscription
