#include "snapshot/snapshot_writer.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <utility>

#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "fake/recording_metrics.h"
#include "nexus/core/errors.h"
#include "storage/memory/memory_snapshot_store.h"

namespace nexus::snapshot {
namespace {

using Answer = std::optional<absl::StatusOr<SnapshotInfo>>;

class SnapshotWriterTest : public ::testing::Test {
 protected:
  SnapshotJob Job(uint64_t revision, Answer* answer = nullptr) {
    SnapshotJob job;
    job.snapshot.info.stream = "order-7";
    job.snapshot.info.revision = Revision(revision);
    job.snapshot.state = "12345678";
    job.keep = 2;
    job.reason = SnapshotReason::kEvents;
    job.decided = clock_.Monotonic();
    if (answer != nullptr) job.done = [answer](auto info) { *answer = std::move(info); };
    return job;
  }
  size_t Kept() { return store_.List({})->snapshots.size(); }
  double Value(const std::string& name) { return metrics_.Value(name); }

  fake::ManualClock clock_;
  fake::ManualExecutor executor_;
  fake::RecordingMetrics metrics_;
  storage::MemorySnapshotStore store_;
  SnapshotMetrics counted_{metrics_};
  SnapshotWriter writer_{{store_, executor_, clock_, counted_},
                         {.snapshots_max = 3, .bytes_max = 20, .keep_max = 5}};
};

TEST_F(SnapshotWriterTest, WritesOnTheExecutorAndSaysWhen) {
  Answer answer;
  EXPECT_TRUE(writer_.Submit(Job(7, &answer)));
  EXPECT_EQ(Kept(), 0u);
  EXPECT_FALSE(answer.has_value());
  clock_.Advance(absl::Milliseconds(40));
  executor_.RunAll();
  ASSERT_TRUE(answer.has_value() && answer->ok());
  EXPECT_EQ((*answer)->made, clock_.Now());
  EXPECT_EQ((*answer)->state_bytes, 8u);
  EXPECT_EQ(Kept(), 1u);
  EXPECT_EQ(Value("nexus_snapshots_made_total{reason=events}"), 1);
  EXPECT_EQ(Value("nexus_snapshots_written_bytes_total"), 8);
  EXPECT_EQ(Value("nexus_snapshots_delay_seconds"), 1);
}

TEST_F(SnapshotWriterTest, WaitsForRoomAsLongAsItIsTold) {
  writer_.AwaitRoom(absl::InfiniteDuration());
  ASSERT_TRUE(writer_.Submit(Job(1)));
  ASSERT_TRUE(writer_.Submit(Job(2)));
  writer_.AwaitRoom(absl::InfiniteDuration());
  SnapshotJob large = Job(3);
  large.snapshot.state = "1234";
  ASSERT_TRUE(writer_.Submit(std::move(large)));
  writer_.AwaitRoom(absl::Milliseconds(1));
  EXPECT_FALSE(writer_.Submit(Job(4))) << "there was none";
  std::thread worker([this] { executor_.RunAll(); });
  writer_.AwaitRoom(absl::InfiniteDuration());
  EXPECT_TRUE(writer_.Submit(Job(5)));
  worker.join();
}

TEST_F(SnapshotWriterTest, KeepsAsManyAsTheAggregateSays) {
  for (uint64_t revision = 1; revision <= 4; ++revision) {
    ASSERT_TRUE(writer_.Submit(Job(revision)));
    executor_.RunAll();
  }
  EXPECT_EQ(Kept(), 2u);
  EXPECT_EQ(Value("nexus_snapshots_expired_total"), 2);
}

TEST_F(SnapshotWriterTest, KeepsNoMoreThanTheServerAllowsAndOneAtLeast) {
  for (uint64_t revision = 1; revision <= 9; ++revision) {
    SnapshotJob job = Job(revision);
    job.keep = 100;
    ASSERT_TRUE(writer_.Submit(std::move(job)));
    executor_.RunAll();
  }
  EXPECT_EQ(Kept(), 5u);
  SnapshotJob job = Job(10);
  job.keep = 0;
  ASSERT_TRUE(writer_.Submit(std::move(job)));
  executor_.RunAll();
  EXPECT_EQ(Kept(), 1u);
}

TEST_F(SnapshotWriterTest, RefusesWhatIsTooMuch) {
  EXPECT_TRUE(writer_.Submit(Job(1)));
  EXPECT_TRUE(writer_.Submit(Job(2)));
  Answer answer;
  EXPECT_FALSE(writer_.Submit(Job(3, &answer))) << "24 bytes would wait";
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(ReasonOf(answer->status()), ErrorReason::kOverloaded);
  EXPECT_EQ(Value("nexus_snapshots_failed_total{reason=queue}"), 1);
  executor_.RunAll();
  EXPECT_TRUE(writer_.Submit(Job(3)));
  executor_.RunAll();
  for (uint64_t revision = 4; revision <= 6; ++revision) {
    SnapshotJob job = Job(revision);
    job.snapshot.state = "1";
    EXPECT_TRUE(writer_.Submit(std::move(job)));
  }
  EXPECT_FALSE(writer_.Submit(Job(7))) << "three wait";
}

TEST_F(SnapshotWriterTest, LetsAStateOverTheBoundInAlone) {
  SnapshotJob job = Job(1);
  job.snapshot.state = std::string(100, 'x');
  EXPECT_TRUE(writer_.Submit(std::move(job)));
  EXPECT_FALSE(writer_.Submit(Job(2)));
  executor_.RunAll();
  EXPECT_EQ(Kept(), 1u);
}

class FullStore : public storage::MemorySnapshotStore {
 public:
  absl::Status Put(const Snapshot&) override {
    return MakeError(ErrorReason::kDiskFull, "the disk is full");
  }
};

TEST_F(SnapshotWriterTest, TellsAndCountsWhatCannotBeWritten) {
  FullStore full;
  SnapshotWriter writer({full, executor_, clock_, counted_}, {});
  Answer answer;
  EXPECT_TRUE(writer.Submit(Job(1, &answer)));
  executor_.RunAll();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(ReasonOf(answer->status()), ErrorReason::kDiskFull);
  EXPECT_EQ(Value("nexus_snapshots_failed_total{reason=write}"), 1);
  EXPECT_EQ(Value("nexus_snapshots_made_total{reason=events}"), 0);
}

}  // namespace
}  // namespace nexus::snapshot
