#include "snapshot/snapshot_finder.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "fake/manual_clock.h"
#include "fake/recording_metrics.h"
#include "fake/tiny_log.h"
#include "nexus/core/errors.h"
#include "storage/memory/memory_snapshot_store.h"

namespace nexus::snapshot {
namespace {

bool IsOfD(const SnapshotInfo& info) { return info.code_digest == "d"; }

class SnapshotFinderTest : public ::testing::Test {
 protected:
  SnapshotFinderTest() {
    for (int i = 0; i < 10; ++i) log_.Append("order-7");
  }

  Snapshot At(uint64_t revision, const std::string& digest = "d") {
    Snapshot snapshot;
    const EventBatch page = *log_.ReadStream(stream_, Revision(revision), Direction::kForward, {});
    snapshot.info.stream = stream_.str();
    snapshot.info.revision = Revision(revision);
    snapshot.info.position = page.events.front().position;
    snapshot.info.event_id = page.events.front().id;
    snapshot.info.recorded = page.events.front().recorded;
    snapshot.info.events = revision + 1;
    snapshot.info.made = clock_.Now();
    snapshot.info.code_digest = digest;
    snapshot.state = "{}";
    return snapshot;
  }
  void Put(const Snapshot& snapshot) { ASSERT_TRUE(store_.Put(snapshot).ok()); }
  // The revision that a state begins with; -1: it is made of events alone.
  int Find(SnapshotBound bound = {}) {
    const auto found = finder_.Find(stream_, IsOfD, bound);
    return found.has_value() ? static_cast<int>(found->info.revision.value) : -1;
  }
  double Ignored(const std::string& why) {
    return metrics_.Value(absl::StrCat("nexus_snapshots_ignored_total{reason=", why, "}"));
  }

  const StreamName stream_ = StreamName::Literal("order-7");
  fake::TinyLog log_;
  fake::ManualClock clock_;
  fake::RecordingMetrics metrics_;
  storage::MemorySnapshotStore store_;
  SnapshotMetrics counted_{metrics_};
  SnapshotFinder finder_{{store_, log_, clock_, counted_}};
};

TEST_F(SnapshotFinderTest, FindsTheNewestWithinTheBound) {
  EXPECT_EQ(Find(), -1);
  Put(At(3));
  Put(At(7));
  EXPECT_EQ(Find(), 7);
  EXPECT_EQ(Find({.revision = Revision(6)}), 3);
  EXPECT_EQ(Find({.position = Position(4)}), 3);
  EXPECT_EQ(Find({.position = Position(3)}), -1);
}

TEST_F(SnapshotFinderTest, PassesOverWhatOtherCodeMade) {
  Put(At(3));
  Put(At(7, "other"));
  EXPECT_EQ(Find(), 3);
  EXPECT_EQ(Ignored("code"), 1);
}

TEST_F(SnapshotFinderTest, PassesOverWhatIsAheadOfTheStream) {
  Put(At(3));
  Snapshot ahead = At(9);
  ahead.info.revision = Revision(12);
  Put(ahead);
  EXPECT_EQ(Find(), 3);
  EXPECT_EQ(Ignored("ahead"), 1);
}

TEST_F(SnapshotFinderTest, BelievesNoneOfAStreamThatIsNotThere) {
  Snapshot lost = At(3);
  lost.info.stream = "order-8";
  Put(lost);
  EXPECT_FALSE(finder_.Find(StreamName::Literal("order-8"), IsOfD).has_value());
  EXPECT_EQ(Ignored("ahead"), 1);
}

// A log that was put back from a backup and went on otherwise.
TEST_F(SnapshotFinderTest, PassesOverWhatEndsWithAnotherEventThanTheStreamHasThere) {
  Snapshot position = At(7);
  position.info.position = Position(80);
  Snapshot id = At(6);
  id.info.event_id.bytes[0] = 9;
  Snapshot recorded = At(5);
  recorded.info.recorded.micros += 1;
  for (const Snapshot& other : {position, id, recorded}) Put(other);
  Put(At(0));
  EXPECT_EQ(Find(), 0);
  EXPECT_EQ(Ignored("ahead"), 3);
}

TEST_F(SnapshotFinderTest, GivesNothingWhereTheStreamCannotBeRead) {
  Put(At(3));
  log_.FailNextRead(MakeError(ErrorReason::kInternal, "the disk"));
  EXPECT_EQ(Find(), -1);
  EXPECT_EQ(Find(), 3);
  EXPECT_EQ(Ignored("ahead"), 0);
}

class BrokenStore : public storage::MemorySnapshotStore {
 public:
  absl::StatusOr<std::optional<Snapshot>> Nearest(absl::string_view, const SnapshotBound&,
                                                  Usable) override {
    return MakeError(ErrorReason::kDataLoss, "the disk");
  }
};

TEST_F(SnapshotFinderTest, GivesNothingWhereTheStoreCannotBeRead) {
  BrokenStore broken;
  SnapshotFinder finder({broken, log_, clock_, counted_});
  EXPECT_FALSE(finder.Find(stream_, IsOfD).has_value());
  EXPECT_EQ(Ignored("corrupt"), 1);
}

}  // namespace
}  // namespace nexus::snapshot
