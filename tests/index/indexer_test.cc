#include "index/indexer.h"

#include <memory>
#include <string>
#include <vector>

#include "fake/eventually.h"
#include "fake/manual_executor.h"
#include "fake/recording_metrics.h"
#include "fake/tagged_log.h"
#include "fake/thread_executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "storage/memory/memory_event_index.h"

namespace nexus::index {
namespace {

// Refuses so many Add() calls.
class FailingIndex : public storage::MemoryEventIndex {
 public:
  absl::Status Add(absl::Span<const RecordedEvent> events) override {
    batches.push_back(events.size());
    if (failures > 0) {
      --failures;
      return MakeError(ErrorReason::kDiskFull, "no space");
    }
    return MemoryEventIndex::Add(events);
  }

  int failures = 0;
  std::vector<size_t> batches;
};

class IndexerTest : public ::testing::Test {
 protected:
  void Append(size_t events) {
    for (size_t i = 0; i < events; ++i) log_.Append({{}});
    signal_.Publish(log_.Head());
  }
  void Start(IndexerOptions options = {}) {
    options.on_notice = [this](absl::string_view what) { notices_.emplace_back(what); };
    indexer_ = std::make_unique<Indexer>(IndexerParts{index_, log_, signal_, executor_, metrics_},
                                         options);
    indexer_->Start();
    executor_.RunAll();
  }
  uint64_t indexed() const { return index_.IndexedTo().value; }

  fake::TaggedLog log_;
  fake::ManualExecutor executor_;
  fake::RecordingMetrics metrics_;
  follow::HeadSignal signal_{executor_, Position(0)};
  FailingIndex index_;
  std::vector<std::string> notices_;
  std::unique_ptr<Indexer> indexer_;
};

TEST_F(IndexerTest, IndexesTheWholeLogInBatches) {
  Append(25);
  IndexerOptions options;
  options.batch.events_max = 10;
  options.events_min = 1;
  Start(options);
  EXPECT_EQ(indexed(), 25u);
  EXPECT_THAT(index_.batches, ::testing::ElementsAre(10, 10, 5));
  EXPECT_EQ(metrics_.Value("nexus_index_position"), 25);
  EXPECT_EQ(metrics_.Value("nexus_index_lag_events"), 0);
}

TEST_F(IndexerTest, WaitsAtTheTailUntilEnoughHasComeTogether) {
  Start();
  Append(1'023);
  executor_.RunAll();
  EXPECT_EQ(indexed(), 0u);
  Append(1);
  executor_.RunAll();
  EXPECT_EQ(indexed(), 1'024u);
  EXPECT_THAT(index_.batches, ::testing::ElementsAre(1'024));
}

TEST_F(IndexerTest, WaitsAtTheTailNoLongerThanTheDelay) {
  Start();
  Append(1);
  executor_.Advance(absl::Milliseconds(199));
  EXPECT_EQ(indexed(), 0u);
  Append(1);
  executor_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(indexed(), 2u);
  Append(1);
  executor_.Advance(absl::Milliseconds(200));
  EXPECT_EQ(indexed(), 3u);
}

TEST_F(IndexerTest, GoesOnWhereTheIndexEnds) {
  Append(3);
  const auto page = log_.ReadAll(Position(1), Direction::kForward, {2, 1 << 20});
  ASSERT_TRUE(index_.MemoryEventIndex::Add(page->events).ok());
  Start();
  executor_.Advance(absl::Seconds(1));
  EXPECT_EQ(indexed(), 3u);
  EXPECT_THAT(index_.batches, ::testing::ElementsAre(1));
}

TEST_F(IndexerTest, BuildsAgainAnIndexThatKnowsMoreThanTheLog) {
  fake::TaggedLog longer;
  for (int i = 0; i < 5; ++i) longer.Append({{.type = "foreign"}});
  const auto page = longer.ReadAll(Position(1), Direction::kForward, {});
  ASSERT_TRUE(index_.MemoryEventIndex::Add(page->events).ok());
  Append(2);
  Start();
  executor_.Advance(absl::Seconds(1));
  EXPECT_EQ(indexed(), 2u);
  EXPECT_TRUE(index_
                  .Find({IndexTerm::Kind::kType, "foreign"}, {Position(1), Position(2)},
                        Direction::kForward, 1)
                  ->empty());
  EXPECT_EQ(notices_.size(), 1u);
}

TEST_F(IndexerTest, BuildsAgainOnDemand) {
  Append(10);
  Start();
  executor_.Advance(absl::Seconds(1));
  const uint64_t ticket = indexer_->Rebuild();
  EXPECT_LT(indexer_->State().cleared, ticket);
  executor_.Advance(absl::Seconds(1));
  EXPECT_EQ(indexer_->State().cleared, ticket);
  EXPECT_EQ(indexed(), 10u);
  EXPECT_THAT(index_.batches, ::testing::ElementsAre(10, 10));
}

TEST_F(IndexerTest, TriesAgainAfterAFailedWrite) {
  Append(10);
  index_.failures = 2;
  Start();
  EXPECT_FALSE(indexer_->State().error.ok());
  EXPECT_EQ(indexer_->State().lag(), 10u);
  executor_.Advance(absl::Seconds(3));
  EXPECT_EQ(indexed(), 10u);
  EXPECT_TRUE(indexer_->State().error.ok());
  EXPECT_EQ(notices_.size(), 2u) << "one when it began, one when it was over";
}

TEST_F(IndexerTest, DoesNothingOnceStopped) {
  Start();
  Append(1);
  indexer_->Stop();
  Append(5'000);
  executor_.Advance(absl::Seconds(10));
  EXPECT_EQ(indexed(), 0u);
}

TEST_F(IndexerTest, MayBeStoppedWithoutHavingBegun) {
  Indexer idle({index_, log_, signal_, executor_, metrics_});
  idle.Stop();
  EXPECT_EQ(idle.State().lag(), 0u);
}

// Appends, rebuilds and stops from other threads.
TEST(IndexerRaceTest, IndexesEveryEventOnceWhileTheLogGrowsAndTheIndexIsBuiltAgain) {
  fake::ThreadExecutor executor;
  fake::RecordingMetrics metrics;
  for (int round = 0; round < 20; ++round) {
    fake::TaggedLog log;
    follow::HeadSignal signal(executor, Position(0));
    storage::MemoryEventIndex index;
    IndexerOptions options;
    options.events_min = 1 + round;
    options.delay_max = absl::Milliseconds(1);
    Indexer indexer({index, log, signal, executor, metrics}, options);
    indexer.Start();
    std::thread writer([&] {
      for (int i = 0; i < 300; ++i) {
        log.Append({{}});
        signal.Publish(log.Head());
        if (i % 100 == 50) indexer.Rebuild();
      }
    });
    writer.join();
    // The last Rebuild() may come after everything was indexed once: ask until it is again.
    EXPECT_TRUE(fake::Eventually([&] {
      const auto found = index.Find({IndexTerm::Kind::kType, "placed"},
                                    {Position(1), Position(300)}, Direction::kForward, 1'000);
      return found.ok() && found->size() == 300u;
    }));
    indexer.Stop();
  }
  executor.Stop();
}

}  // namespace
}  // namespace nexus::index
