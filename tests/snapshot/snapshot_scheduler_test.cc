#include "snapshot/snapshot_scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "fake/recording_metrics.h"
#include "fake/tiny_log.h"
#include "snapshot/domain_maker.h"
#include "storage/memory/memory_snapshot_store.h"

namespace nexus::snapshot {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SnapshotSchedulerTest : public ::testing::Test {
 protected:
  void Start(absl::Duration max_age = absl::Hours(24)) {
    SnapshotSchedulerOptions options;
    options.max_age = max_age;
    options.interval = absl::Minutes(10);
    options.page = 2;
    scheduler_ = std::make_unique<SnapshotScheduler>(
        SnapshotSchedulerParts{store_, log_, executor_, clock_, digests_, counted_,
                               [this] { return state_; },
                               [this](const StreamName& stream) { made_.push_back(stream.str()); },
                               [this](absl::Duration age) { aged_.push_back(age); }},
        options);
    scheduler_->Start();
  }
  // A snapshot of a stream of `events` events, after the event at `revision`.
  void Put(const std::string& stream, uint64_t revision, int events) {
    for (int i = 0; i < events; ++i) log_.Append(stream);
    Snapshot snapshot;
    snapshot.info.stream = stream;
    snapshot.info.revision = Revision(revision);
    snapshot.info.made = clock_.Now();
    snapshot.info.code_digest = digests_.Of(*state_->aggregates().front());
    snapshot.state = "1234";
    ASSERT_TRUE(store_.Put(snapshot).ok());
  }
  // What is asked for in a round that begins after `time`.
  std::vector<std::string> After(absl::Duration time) {
    made_.clear();
    clock_.Advance(time);
    executor_.Advance(absl::Minutes(11));
    return made_;
  }

  std::shared_ptr<const domain::DomainState> state_ = DomainMaker().Make();
  fake::TinyLog log_;
  fake::ManualClock clock_;
  fake::ManualExecutor executor_;
  fake::RecordingMetrics metrics_;
  storage::MemorySnapshotStore store_;
  SnapshotMetrics counted_{metrics_};
  FoldDigests digests_{
      {[this] { return state_; }, [] { return 1; }, [](absl::string_view) { return 1; }}};
  std::vector<std::string> made_;
  std::vector<absl::Duration> aged_;  // that those in memory were asked for
  std::unique_ptr<SnapshotScheduler> scheduler_;
};

TEST_F(SnapshotSchedulerTest, AsksForOneWhereTheLastIsOldAndEventsCameSince) {
  Start();
  Put("order-1", 3, 9);  // events since
  Put("order-2", 8, 9);  // none since
  Put("order-3", 0, 9);  // two of them: the newest counts
  Put("order-3", 8, 0);
  Put("other-1", 3, 9);  // of no aggregate
  EXPECT_THAT(After(absl::Hours(23)), IsEmpty());
  EXPECT_THAT(After(absl::Hours(2)), ElementsAre("order-1"));
  EXPECT_THAT(After(absl::Hours(1)), ElementsAre("order-1")) << "again until it is made";
}

TEST_F(SnapshotSchedulerTest, AsksForOneWhereTheCodeHasChanged) {
  Start();
  Put("order-2", 8, 9);
  DomainMaker changed;
  changed.files[0].text += " // changed";
  state_ = changed.Make();
  EXPECT_THAT(After(absl::Hours(25)), ElementsAre("order-2"));
}

TEST_F(SnapshotSchedulerTest, LooksAtAllPages) {
  Start();
  for (const char* stream : {"order-1", "order-2", "order-3", "order-4", "order-5"}) {
    Put(stream, 0, 1);
    Put(stream, 1, 2);
  }
  EXPECT_THAT(After(absl::Hours(25)),
              ElementsAre("order-1", "order-2", "order-3", "order-4", "order-5"));
  EXPECT_EQ(metrics_.Value("nexus_snapshots_kept"), 10);
  EXPECT_EQ(metrics_.Value("nexus_snapshots_kept_bytes"), 40);
  EXPECT_EQ(metrics_.Value("nexus_snapshots_oldest_age_seconds"), 25 * 3'600);
}

TEST_F(SnapshotSchedulerTest, AsksForThoseThatHaveNoneOnceARound) {
  Start();
  for (const char* stream : {"order-1", "order-2", "order-3"}) Put(stream, 0, 1);
  After(absl::ZeroDuration());
  EXPECT_THAT(aged_, ElementsAre(absl::Hours(24)));
  After(absl::ZeroDuration());
  EXPECT_THAT(aged_, ElementsAre(absl::Hours(24), absl::Hours(24)));
  Start(absl::ZeroDuration());
  aged_.clear();
  After(absl::ZeroDuration());
  EXPECT_THAT(aged_, IsEmpty());
}

TEST_F(SnapshotSchedulerTest, AsksForNoneWhereNoneAreWanted) {
  Start(absl::ZeroDuration());
  Put("order-1", 3, 9);
  EXPECT_THAT(After(absl::Hours(1'000)), IsEmpty());
  EXPECT_EQ(metrics_.Value("nexus_snapshots_kept"), 1) << "it measures all the same";
  DomainMaker none;
  none.snapshots = R"({"mode": "none"})";
  state_ = none.Make();
  scheduler_->Stop();
  Start();
  EXPECT_THAT(After(absl::Hours(1'000)), IsEmpty());
}

TEST_F(SnapshotSchedulerTest, DoesNothingOnceItIsStopped) {
  Start();
  Put("order-1", 3, 9);
  scheduler_->Stop();
  EXPECT_THAT(After(absl::Hours(1'000)), IsEmpty());
}

}  // namespace
}  // namespace nexus::snapshot
