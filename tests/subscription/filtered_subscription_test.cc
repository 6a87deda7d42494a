// Subscriptions with a filter and bounds, over a log in memory with an index beside it.

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "fake/recording_metrics.h"
#include "fake/tagged_log.h"
#include "fake/thread_executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/indexer.h"
#include "nexus/core/errors.h"
#include "storage/memory/memory_event_index.h"
#include "subscription/subscription.h"

namespace nexus::subscription {
namespace {

using Kind = Message::Kind;
using Start = SubscribeOptions::Start;

std::string TextOf(const Message& message) {
  std::string text;
  switch (message.kind) {
    case Kind::kBatch:
      text = "batch";
      break;
    case Kind::kCaughtUp:
      text = "caught-up";
      break;
    case Kind::kFellBehind:
      text = "fell-behind";
      break;
    case Kind::kHeartbeat:
      text = "heartbeat";
      break;
    case Kind::kEnd:
      text = "end";
      break;
  }
  for (const RecordedEvent* event : message.events) {
    absl::StrAppend(&text, " ", event->position.value);
  }
  return message.checkpoint ? absl::StrCat(text, " |", *message.checkpoint)
                            : absl::StrCat(text, " |none");
}

EventFilter WithTag(const std::string& tag) {
  EventFilter filter;
  filter.items.push_back({.tags = {tag}});
  return filter;
}

class FilteredSubscriptionTest : public ::testing::Test {
 protected:
  void Append(const std::vector<std::string>& tags, const std::string& stream = "order-1") {
    log_.Append({{.stream = stream, .tags = tags}});
    signal_.Publish(log_.Head());
  }
  void Append(int n) {
    for (int i = 0; i < n; ++i) Append(std::vector<std::string>());
  }
  void Index() {
    const auto page =
        log_.ReadAll(index_.IndexedTo().Next(), Direction::kForward, {100'000, 1 << 30});
    ASSERT_TRUE(index_.Add(page->events).ok());
  }
  void Open(const SubscribeOptions& options) {
    auto opened =
        Subscription::Open({log_, filtered_, signal_, executor_, clock_, Limits()}, options);
    ASSERT_TRUE(opened.ok()) << opened.status();
    subscription_ = *std::move(opened);
  }
  std::string Next() {
    got_ = "nothing";
    subscription_->Next([this](absl::StatusOr<Message> m) {
      got_ = m.ok() ? TextOf(*m) : std::string(ReasonName(ReasonOf(m.status())));
    });
    executor_.RunAll();
    return got_;
  }

  fake::TaggedLog log_;
  storage::MemoryEventIndex index_;
  index::FilteredReader filtered_{{log_, log_, index_},
                                  {.looked_at_max = 50, .scan_page = {10, 1 << 20}}};
  fake::ManualExecutor executor_;
  fake::ManualClock clock_;
  follow::HeadSignal signal_{executor_, Position(0)};
  std::unique_ptr<Subscription> subscription_;
  std::string got_;
};

TEST_F(FilteredSubscriptionTest, DeliversWhatMatchesFromHistoryAndLive) {
  Append({"a"});
  Append(2);
  Append({"a"});
  Index();
  Append(1);
  Open({.filter = WithTag("a")});
  EXPECT_EQ(Next(), "batch 1 4 |4");
  EXPECT_EQ(Next(), "caught-up |5");
  EXPECT_EQ(Next(), "nothing");
  Append({"a"});
  executor_.RunAll();
  EXPECT_EQ(got_, "batch 6 |6");
}

TEST_F(FilteredSubscriptionTest, IsCaughtUpBehindALongStretchWithoutAMatch) {
  Append(500);
  Open({.filter = WithTag("a")});
  EXPECT_EQ(Next(), "caught-up |500");
}

TEST_F(FilteredSubscriptionTest, BeatsAndMovesItsCheckpointInALongStretchWithoutAMatch) {
  Append(500);
  Open({.filter = WithTag("a")});
  clock_.Advance(absl::Seconds(11));
  EXPECT_EQ(Next(), "heartbeat |50");
  EXPECT_EQ(Next(), "caught-up |500");
}

TEST_F(FilteredSubscriptionTest, FiltersOneStreamByItsOwnRevisions) {
  Append({"a"}, "order-2");
  Append({}, "order-1");
  Append({"a"}, "order-1");
  Open({.stream = "order-1", .filter = WithTag("a")});
  EXPECT_EQ(Next(), "batch 3 |1");
}

TEST_F(FilteredSubscriptionTest, EndsBehindThePositionItWasGiven) {
  Append(5);
  Open({.to = 3});
  EXPECT_EQ(Next(), "batch 1 2 3 |3");
  EXPECT_EQ(Next(), "end |3");
}

TEST_F(FilteredSubscriptionTest, WaitsForTheEndThatIsNotThereYet) {
  Append(2);
  Open({.filter = WithTag("a"), .to = 4});
  EXPECT_EQ(Next(), "caught-up |2");
  EXPECT_EQ(Next(), "nothing");
  Append(2);
  executor_.RunAll();
  EXPECT_EQ(got_, "end |4");
}

TEST_F(FilteredSubscriptionTest, EndsAtOnceWhereNothingIsInRange) {
  Append(5);
  Open({.start = Start::kAfter, .after = 3, .to = 3});
  EXPECT_EQ(Next(), "end |3");
}

TEST_F(FilteredSubscriptionTest, EndsAStreamBehindItsRevision) {
  Append({}, "order-2");
  for (int i = 0; i < 4; ++i) Append({}, "order-1");
  Open({.stream = "order-1", .to = 1});
  EXPECT_EQ(Next(), "batch 2 3 |1");
  EXPECT_EQ(Next(), "end |1");
}

TEST_F(FilteredSubscriptionTest, BeginsAtATimeAndEndsBeforeAnother) {
  Append(6);
  Open({.start = Start::kTime,
        .from_time = fake::TaggedLog::TimeOf(2),
        .to_time = fake::TaggedLog::TimeOf(5)});
  EXPECT_EQ(Next(), "batch 2 3 4 |4");
  EXPECT_EQ(Next(), "end |4");
}

TEST_F(FilteredSubscriptionTest, EndsByTimeOnlyOnceTheLogHasReachedIt) {
  Append(2);
  Open({.filter = WithTag("a"), .to_time = fake::TaggedLog::TimeOf(4)});
  EXPECT_EQ(Next(), "caught-up |2");
  EXPECT_EQ(Next(), "nothing");
  Append({"a"});
  executor_.RunAll();
  EXPECT_EQ(got_, "batch 3 |3");
  EXPECT_EQ(Next(), "nothing");
  Append(1);
  executor_.RunAll();
  EXPECT_EQ(got_, "end |3");
}

TEST_F(FilteredSubscriptionTest, CutsAStreamByTimes) {
  for (int i = 0; i < 6; ++i) Append({}, i % 2 == 0 ? "order-1" : "order-2");
  Open({.stream = "order-1",
        .start = Start::kTime,
        .from_time = fake::TaggedLog::TimeOf(2),
        .to_time = fake::TaggedLog::TimeOf(5)});
  EXPECT_EQ(Next(), "batch 3 |1");
  EXPECT_EQ(Next(), "end |1");
}

TEST_F(FilteredSubscriptionTest, LeavesOutWhatComesBeforeATimeThatLiesAhead) {
  Open({.start = Start::kTime, .from_time = fake::TaggedLog::TimeOf(3)});
  EXPECT_EQ(Next(), "caught-up |0");
  EXPECT_EQ(Next(), "nothing");
  Append(2);
  executor_.RunAll();
  EXPECT_EQ(got_, "nothing");
  Append(1);
  executor_.RunAll();
  EXPECT_EQ(got_, "batch 3 |3");
}

TEST_F(FilteredSubscriptionTest, ResumesAtEveryCheckpointWithoutLossOrRepetition) {
  std::mt19937 random(3);
  std::vector<uint64_t> wanted;
  for (int i = 1; i <= 300; ++i) {
    const bool match = random() % 7 == 0;
    Append(match ? std::vector<std::string>{"a"} : std::vector<std::string>());
    if (match) wanted.push_back(i);
    if (i == 200) Index();
  }
  std::vector<uint64_t> seen;
  uint64_t checkpoint = 0;
  while (checkpoint < 300) {
    Open({.start = Start::kAfter,
          .after = checkpoint,
          .filter = WithTag("a"),
          .batch_events_max = 3});
    subscription_->Next([&](absl::StatusOr<Message> message) {
      ASSERT_TRUE(message.ok());
      for (const RecordedEvent* event : message->events) seen.push_back(event->position.value);
      checkpoint = *message->checkpoint;
    });
    executor_.RunAll();
  }
  EXPECT_EQ(seen, wanted);
}

// Reads until `wanted` events have come, asking again from within each callback.
class Follower {
 public:
  Follower(Subscription& subscription, size_t wanted)
      : subscription_(subscription), wanted_(wanted) {
    Ask();
  }
  bool Wait() { return all_.WaitForNotificationWithTimeout(absl::Seconds(60)); }
  const std::vector<uint64_t>& positions() const { return positions_; }

 private:
  void Ask() {
    subscription_.Next([this](absl::StatusOr<Message> message) {
      ASSERT_TRUE(message.ok()) << message.status();
      for (const RecordedEvent* event : message->events) {
        positions_.push_back(event->position.value);
      }
      if (positions_.size() < wanted_) {
        Ask();
      } else {
        all_.Notify();
      }
    });
  }

  Subscription& subscription_;
  const size_t wanted_;
  std::vector<uint64_t> positions_;
  absl::Notification all_;
};

// Where the index meets the unindexed log and history meets the live tail, with appends, indexing
// and rebuilds under way.
TEST(FilteredSubscriptionRaceTest, LosesAndRepeatsNothingAtTheSeams) {
  fake::ThreadExecutor executor;
  fake::RecordingMetrics metrics;
  fake::ManualClock clock;
  for (int round = 0; round < 60; ++round) {
    fake::TaggedLog log;
    storage::MemoryEventIndex index;
    follow::HeadSignal signal(executor, Position(0));
    index::FilteredReader filtered({log, log, index},
                                   {.looked_at_max = 20, .scan_page = {7, 1 << 20}});
    index::IndexerOptions indexing;
    indexing.events_min = 5;
    indexing.delay_max = absl::Milliseconds(1);
    index::Indexer indexer({index, log, signal, executor, metrics}, indexing);
    indexer.Start();
    std::thread writer([&] {
      for (int i = 1; i <= 240; ++i) {
        log.Append(
            {{.tags = i % 4 == 0 ? std::vector<std::string>{"a"} : std::vector<std::string>()}});
        signal.Publish(log.Head());
        if (i % 60 == 30) indexer.Rebuild();
      }
    });
    auto subscription = Subscription::Open(
        {log, filtered, signal, executor, clock, Limits()},
        {.filter = WithTag("a"), .batch_events_max = static_cast<uint32_t>(1 + round % 5)});
    ASSERT_TRUE(subscription.ok());
    Follower follower(**subscription, 60);
    EXPECT_TRUE(follower.Wait()) << "round " << round;
    writer.join();
    (*subscription)->Stop();
    indexer.Stop();
    ASSERT_EQ(follower.positions().size(), 60u);
    for (size_t i = 0; i < 60; ++i) ASSERT_EQ(follower.positions()[i], 4 * (i + 1));
  }
  executor.Stop();
}

}  // namespace
}  // namespace nexus::subscription
