#include "subscription/subscription.h"

#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "fake/tiny_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "storage/memory/memory_event_index.h"
#include "storage/memory/memory_log.h"

namespace nexus::subscription {
namespace {

using ::testing::ElementsAre;
using Kind = Message::Kind;
using Start = SubscribeOptions::Start;

class SubscriptionTest : public ::testing::Test {
 protected:
  void Append(const std::string& stream) { signal_.Publish(log_.Append(stream)); }
  void Append(const std::string& stream, int n) {
    for (int i = 0; i < n; ++i) Append(stream);
  }
  void Open(const SubscribeOptions& options) {
    subscription_ = *Subscription::Open(
        {log_, filtered_, signal_, executor_, clock_, Limits(), share_}, options);
  }
  // Another subscriber, who wants the page at `next` before ours does.
  void OtherReads(uint64_t next) { ASSERT_TRUE(share_->Page(Position(next), {}).ok()); }
  void Ask() {
    message_.reset();
    subscription_->Next([this](absl::StatusOr<Message> m) { message_ = std::move(m); });
    executor_.RunAll();
  }
  void Pass(absl::Duration time) {
    clock_.Advance(time);
    executor_.Advance(time);
  }
  // "batch 1 2 |2", "caught-up |2": kind, positions, checkpoint; "nothing" if none came.
  std::string Got() const {
    if (!message_) return "nothing";
    if (!message_->ok()) return std::string(ReasonName(ReasonOf(message_->status())));
    const Message& m = **message_;
    std::string text = m.kind == Kind::kBatch        ? "batch"
                       : m.kind == Kind::kCaughtUp   ? "caught-up"
                       : m.kind == Kind::kFellBehind ? "fell-behind"
                                                     : "heartbeat";
    for (const RecordedEvent* e : m.events) absl::StrAppend(&text, " ", e->position.value);
    return m.checkpoint ? absl::StrCat(text, " |", *m.checkpoint) : absl::StrCat(text, " |none");
  }
  std::string AskAndGet() {
    Ask();
    return Got();
  }

  fake::TinyLog log_;
  storage::MemoryLog no_commits_;
  storage::MemoryEventIndex no_index_;
  index::FilteredReader filtered_{{log_, no_commits_, no_index_}};
  const std::shared_ptr<follow::PageShare> share_ = std::make_shared<follow::PageShare>(log_);
  fake::ManualExecutor executor_;
  fake::ManualClock clock_;
  follow::HeadSignal signal_{executor_, Position(0)};
  std::unique_ptr<Subscription> subscription_;
  std::optional<absl::StatusOr<Message>> message_;
};

TEST_F(SubscriptionTest, SaysHistoryThenCaughtUpThenLiveEvents) {
  Append("order-1", 2);
  Open({});
  EXPECT_EQ(AskAndGet(), "batch 1 2 |2");
  EXPECT_EQ(AskAndGet(), "caught-up |2");
  EXPECT_EQ(AskAndGet(), "nothing");
  Append("order-2");
  executor_.RunAll();
  EXPECT_EQ(Got(), "batch 3 |3");
  EXPECT_EQ(AskAndGet(), "nothing") << "caught up is said once";
}

TEST_F(SubscriptionTest, IsCaughtUpAtOnceOnAnEmptyLog) {
  Open({});
  EXPECT_EQ(AskAndGet(), "caught-up |0");
}

TEST_F(SubscriptionTest, HasNoCheckpointBeforeTheFirstEventOfAStream) {
  Open({.stream = "order-1"});
  EXPECT_EQ(AskAndGet(), "caught-up |none");
  Ask();
  Append("order-1");
  executor_.RunAll();
  EXPECT_EQ(Got(), "batch 1 |0");
}

TEST_F(SubscriptionTest, BeginsAtTheEndOfTheMomentItWasOpened) {
  Append("order-1", 2);
  Open({.start = Start::kEnd});
  Append("order-1");
  EXPECT_EQ(AskAndGet(), "batch 3 |3");
}

TEST_F(SubscriptionTest, CountsCheckpointsOfAStreamInRevisions) {
  Append("order-2", 3);
  Append("order-1", 2);
  Open({.stream = "order-1", .start = Start::kAfter, .after = 0});
  EXPECT_EQ(AskAndGet(), "batch 5 |1");
  EXPECT_EQ(AskAndGet(), "caught-up |1");
}

TEST_F(SubscriptionTest, SaysFellBehindBeforeTheHistoryThatFollows) {
  Open({.batch_events_max = 2});
  EXPECT_EQ(AskAndGet(), "caught-up |0");
  Append("order-1", 5);
  EXPECT_EQ(AskAndGet(), "fell-behind |0");
  EXPECT_EQ(AskAndGet(), "batch 1 2 |2");
  EXPECT_EQ(AskAndGet(), "batch 3 4 |4");
  EXPECT_EQ(AskAndGet(), "batch 5 |5");
  EXPECT_EQ(AskAndGet(), "caught-up |5");
}

TEST_F(SubscriptionTest, StaysLiveWhenOneBatchHoldsAllThatIsNew) {
  Open({.batch_events_max = 2});
  Ask();
  Append("order-1", 2);
  EXPECT_EQ(AskAndGet(), "batch 1 2 |2");
  EXPECT_EQ(AskAndGet(), "nothing");
}

TEST_F(SubscriptionTest, BeatsWhenNothingElseCameForTheInterval) {
  Open({.heartbeat_interval = absl::Seconds(10)});
  Ask();
  Ask();
  Pass(absl::Seconds(9));
  EXPECT_EQ(Got(), "nothing");
  Pass(absl::Seconds(2));
  EXPECT_EQ(Got(), "heartbeat |0");
  EXPECT_EQ((*message_)->time, clock_.Now());
}

TEST_F(SubscriptionTest, PutsTheHeartbeatOffWhenAMessageCame) {
  Open({.heartbeat_interval = absl::Seconds(10)});
  Ask();
  Ask();
  Pass(absl::Seconds(9));
  Append("order-1");
  executor_.RunAll();
  EXPECT_EQ(Got(), "batch 1 |1");
  Ask();
  Pass(absl::Seconds(9));
  EXPECT_EQ(Got(), "nothing");
  Pass(absl::Seconds(1));
  EXPECT_EQ(Got(), "heartbeat |1");
}

TEST_F(SubscriptionTest, BeatsForAStreamWhileOnlyOthersGrow) {
  Open({.stream = "order-1", .heartbeat_interval = absl::Seconds(10)});
  Ask();
  Ask();
  for (int i = 0; i < 11; ++i) {
    Append("order-2");
    Pass(absl::Seconds(1));
  }
  EXPECT_EQ(Got(), "heartbeat |none");
}

TEST_F(SubscriptionTest, LeavesSystemStreamsOutAndMovesTheCheckpointPastThem) {
  Append("$schemas", 2);
  Append("order-1");
  Append("$policy");
  Open({.exclude_system = true});
  EXPECT_EQ(AskAndGet(), "batch 3 |4");
  EXPECT_EQ(AskAndGet(), "caught-up |4");
}

TEST_F(SubscriptionTest, CarriesTheCheckpointOverALongStretchWithoutAMatch) {
  Append("$schemas", 50);
  Open({.exclude_system = true, .batch_events_max = 1});
  EXPECT_EQ(AskAndGet(), "caught-up |50");
}

TEST_F(SubscriptionTest, BeatsDuringAStretchWithoutAMatch) {
  Append("$schemas", 50);
  Open({.exclude_system = true, .batch_events_max = 1});
  clock_.Advance(absl::Seconds(11));
  EXPECT_EQ(AskAndGet(), "heartbeat |1");
}

TEST_F(SubscriptionTest, HeartbeatsTellHowFarTheFilterHasCome) {
  Open({.exclude_system = true});
  Ask();
  Ask();
  Append("$schemas", 3);
  executor_.RunAll();
  EXPECT_EQ(Got(), "nothing");
  Pass(absl::Seconds(11));
  EXPECT_EQ(Got(), "heartbeat |3");
}

TEST_F(SubscriptionTest, FallsBehindOnEventsThatItLeavesOut) {
  Open({.exclude_system = true, .batch_events_max = 2});
  Ask();
  Append("$schemas", 5);
  EXPECT_EQ(AskAndGet(), "fell-behind |2");
  EXPECT_EQ(AskAndGet(), "caught-up |5");
}

TEST_F(SubscriptionTest, ShowsSystemStreamsToWhomAsksForOne) {
  Append("$schemas");
  Open({.stream = "$schemas", .exclude_system = true});
  EXPECT_EQ(AskAndGet(), "batch 1 |0");
}

TEST_F(SubscriptionTest, GoesOnAfterAnError) {
  Append("order-1", 2);
  Open({});
  log_.FailNextRead(MakeError(ErrorReason::kOverloaded, "busy"));
  EXPECT_EQ(AskAndGet(), "OVERLOADED");
  EXPECT_EQ(AskAndGet(), "batch 1 2 |2");
}

TEST_F(SubscriptionTest, ResumesAtEveryCheckpointWithoutLossOrRepetition) {
  for (int i = 0; i < 20; ++i) Append(i % 3 == 0 ? "$schemas" : "order-1");
  std::vector<uint64_t> seen;
  uint64_t checkpoint = 0;
  for (int i = 0; i < 40; ++i) {
    Open({.start = Start::kAfter,
          .after = checkpoint,
          .exclude_system = true,
          .batch_events_max = 3});
    Ask();
    ASSERT_TRUE(message_.has_value());
    for (const RecordedEvent* e : (*message_)->events) seen.push_back(e->position.value);
    checkpoint = *(*message_)->checkpoint;
  }
  EXPECT_THAT(seen, ElementsAre(2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 20));
}

TEST_F(SubscriptionTest, SaysNothingOnceStopped) {
  Append("order-1");
  Open({});
  subscription_->Stop();
  EXPECT_EQ(AskAndGet(), "nothing");
}

TEST_F(SubscriptionTest, SaysNothingOnceCancelled) {
  Open({});
  Ask();
  Ask();
  subscription_->Cancel();
  Append("order-1");
  Pass(absl::Seconds(20));
  EXPECT_EQ(Got(), "nothing");
}

TEST_F(SubscriptionTest, MayBeDestroyedInItsOwnCallback) {
  Append("order-1");
  Open({});
  subscription_->Next([this](auto) { subscription_.reset(); });
  executor_.RunAll();
  EXPECT_EQ(subscription_, nullptr);
}

// A page that somebody else read a moment ago must not hide what was acknowledged since.
TEST_F(SubscriptionTest, IsCaughtUpOnlyBehindWhatWasStoredWhenItAsked) {
  Append("a-1", 3);
  OtherReads(1);
  Append("a-1");
  Open({});
  EXPECT_EQ(AskAndGet(), "batch 1 2 3 |3");
  EXPECT_EQ(AskAndGet(), "batch 4 |4");
  EXPECT_EQ(AskAndGet(), "caught-up |4");
}

TEST_F(SubscriptionTest, APageThatAnotherReadEarlierIsNoFallingBehind) {
  Open({});
  EXPECT_EQ(AskAndGet(), "caught-up |0");
  Append("a-1");
  OtherReads(1);
  Append("a-1");
  EXPECT_EQ(AskAndGet(), "batch 1 |1");
  EXPECT_EQ(AskAndGet(), "batch 2 |2");
}

}  // namespace
}  // namespace nexus::subscription
