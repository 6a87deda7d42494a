#include "follow/log_follower.h"

#include <optional>

#include "fake/manual_executor.h"
#include "fake/tiny_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::follow {
namespace {

using ::testing::ElementsAre;

class LogFollowerTest : public ::testing::Test {
 protected:
  void Append(const std::string& stream) { signal_.Publish(log_.Append(stream)); }

  // Asks for one step; what it brings is in `step_` when it came.
  void Ask(LogFollower& follower, absl::Duration timeout = absl::InfiniteDuration()) {
    step_.reset();
    follower.Next(timeout, [this](absl::StatusOr<FollowStep> step) { step_ = std::move(step); });
    executor_.RunAll();
  }
  std::vector<uint64_t> Positions() const {
    std::vector<uint64_t> positions;
    if (!step_ || !step_->ok() || !(*step_)->batch) return positions;
    for (const RecordedEvent& e : (*step_)->batch->events) positions.push_back(e.position.value);
    return positions;
  }
  FollowOptions StreamFrom(const std::string& name, uint64_t revision) {
    return FollowOptions::StreamFrom(StreamName::Literal(name), Revision(revision));
  }

  fake::TinyLog log_;
  fake::ManualExecutor executor_;
  HeadSignal signal_{executor_, Position(0)};
  std::optional<absl::StatusOr<FollowStep>> step_;
};

TEST_F(LogFollowerTest, DeliversHistoryAtOnce) {
  Append("order-1");
  Append("order-2");
  LogFollower follower(log_, signal_, executor_, FollowOptions::WholeLogAfter(Position(0)));
  Ask(follower);
  EXPECT_THAT(Positions(), ElementsAre(1, 2));
}

TEST_F(LogFollowerTest, ReadsNothingOnTheThreadThatAsksOrPublishes) {
  log_.Append("order-1");
  LogFollower follower(log_, signal_, executor_, FollowOptions::WholeLogAfter(Position(0)));
  follower.Next(absl::InfiniteDuration(), [](auto) {});
  signal_.Publish(Position(1));
  EXPECT_EQ(log_.reads(), 0);
}

TEST_F(LogFollowerTest, WaitsAtTheHeadAndGoesOnWhenItMoves) {
  LogFollower follower(log_, signal_, executor_, FollowOptions::WholeLogAfter(Position(0)));
  Ask(follower);
  EXPECT_FALSE(step_.has_value());
  Append("order-1");
  executor_.RunAll();
  EXPECT_THAT(Positions(), ElementsAre(1));
}

TEST_F(LogFollowerTest, ResumesStrictlyAfterAPosition) {
  for (int i = 0; i < 5; ++i) Append("order-1");
  LogFollower follower(log_, signal_, executor_, FollowOptions::WholeLogAfter(Position(3)));
  Ask(follower);
  EXPECT_THAT(Positions(), ElementsAre(4, 5));
}

TEST_F(LogFollowerTest, HoldsOnePageAtMost) {
  for (int i = 0; i < 5; ++i) Append("order-1");
  FollowOptions options = FollowOptions::WholeLogAfter(Position(0));
  options.limits.events_max = 2;
  LogFollower follower(log_, signal_, executor_, options);
  Ask(follower);
  EXPECT_THAT(Positions(), ElementsAre(1, 2));
  EXPECT_EQ(log_.reads(), 1);
  Ask(follower);
  EXPECT_THAT(Positions(), ElementsAre(3, 4));
  Ask(follower);
  EXPECT_THAT(Positions(), ElementsAre(5));
}

// What the log has written but not yet published may still be taken back by a crash.
TEST_F(LogFollowerTest, DoesNotLookBeyondThePublishedHead) {
  log_.Append("order-1");
  LogFollower follower(log_, signal_, executor_, FollowOptions::WholeLogAfter(Position(0)));
  Ask(follower);
  EXPECT_FALSE(step_.has_value());
}

TEST_F(LogFollowerTest, AnswersWithoutAPageWhenTheTimeoutPasses) {
  LogFollower follower(log_, signal_, executor_, FollowOptions::WholeLogAfter(Position(0)));
  Ask(follower, absl::Seconds(10));
  executor_.Advance(absl::Seconds(9));
  EXPECT_FALSE(step_.has_value());
  executor_.Advance(absl::Seconds(2));
  ASSERT_TRUE(step_.has_value());
  EXPECT_EQ((*step_)->batch, nullptr);
  EXPECT_EQ(signal_.waiting(), 0u);
}

TEST_F(LogFollowerTest, OnlyLooksWhenTheTimeoutIsZero) {
  LogFollower follower(log_, signal_, executor_, FollowOptions::WholeLogAfter(Position(0)));
  Ask(follower, absl::ZeroDuration());
  ASSERT_TRUE(step_.has_value());
  EXPECT_EQ((*step_)->batch, nullptr);
}

TEST_F(LogFollowerTest, ATimerOfAnEarlierStepDoesNotEndALaterOne) {
  LogFollower follower(log_, signal_, executor_, FollowOptions::WholeLogAfter(Position(0)));
  Ask(follower, absl::Seconds(10));
  Append("order-1");
  executor_.RunAll();
  Ask(follower, absl::Seconds(60));
  executor_.Advance(absl::Seconds(20));
  EXPECT_FALSE(step_.has_value());
}

TEST_F(LogFollowerTest, FollowsOneStreamByRevision) {
  Append("order-1");
  Append("order-2");
  Append("order-1");
  LogFollower follower(log_, signal_, executor_, StreamFrom("order-1", 0));
  Ask(follower);
  EXPECT_THAT(Positions(), ElementsAre(1, 3));
  Ask(follower);
  EXPECT_FALSE(step_.has_value());
  Append("order-1");
  executor_.RunAll();
  EXPECT_THAT(Positions(), ElementsAre(4));
}

TEST_F(LogFollowerTest, FollowsAStreamThatDoesNotExistYet) {
  LogFollower follower(log_, signal_, executor_, StreamFrom("order-1", 0));
  Ask(follower);
  Append("order-2");
  executor_.RunAll();
  EXPECT_FALSE(step_.has_value());
  Append("order-1");
  executor_.RunAll();
  EXPECT_THAT(Positions(), ElementsAre(2));
}

TEST_F(LogFollowerTest, ReadsNoPageForOtherStreams) {
  Append("order-1");
  LogFollower follower(log_, signal_, executor_, StreamFrom("order-1", 1));
  Ask(follower);
  for (int i = 0; i < 100; ++i) {
    Append("order-2");
    executor_.RunAll();
  }
  EXPECT_EQ(log_.reads(), 0);
}

TEST_F(LogFollowerTest, KeepsTheTimeoutWhileOtherStreamsGrow) {
  LogFollower follower(log_, signal_, executor_, StreamFrom("order-1", 0));
  Ask(follower, absl::Seconds(10));
  for (int i = 0; i < 11; ++i) {
    Append("order-2");
    executor_.Advance(absl::Seconds(1));
  }
  EXPECT_TRUE(step_.has_value());
}

TEST_F(LogFollowerTest, LooksTwiceBeforeItBelievesInAHole) {
  for (int i = 0; i < 3; ++i) Append("order-1");
  log_.HidePosition(Position(2), 1);
  LogFollower follower(log_, signal_, executor_, FollowOptions::WholeLogAfter(Position(0)));
  Ask(follower);
  EXPECT_THAT(Positions(), ElementsAre(1, 2, 3));
}

TEST_F(LogFollowerTest, ReportsAHoleAndStaysBeforeIt) {
  for (int i = 0; i < 3; ++i) Append("order-1");
  log_.HidePosition(Position(2), 2);
  LogFollower follower(log_, signal_, executor_, FollowOptions::WholeLogAfter(Position(0)));
  Ask(follower);
  ASSERT_TRUE(step_.has_value());
  EXPECT_EQ(ReasonOf(step_->status()), ErrorReason::kDataLoss);
  Ask(follower);
  EXPECT_THAT(Positions(), ElementsAre(1, 2, 3));
}

TEST_F(LogFollowerTest, PassesAReadErrorOnAndMayBeAskedAgain) {
  Append("order-1");
  log_.FailNextRead(MakeError(ErrorReason::kOverloaded, "busy"));
  LogFollower follower(log_, signal_, executor_, FollowOptions::WholeLogAfter(Position(0)));
  Ask(follower);
  ASSERT_TRUE(step_.has_value());
  EXPECT_EQ(ReasonOf(step_->status()), ErrorReason::kOverloaded);
  Ask(follower);
  EXPECT_THAT(Positions(), ElementsAre(1));
}

TEST_F(LogFollowerTest, SaysNothingAfterStop) {
  LogFollower follower(log_, signal_, executor_, FollowOptions::WholeLogAfter(Position(0)));
  Ask(follower, absl::Seconds(1));
  follower.Stop();
  Append("order-1");
  executor_.Advance(absl::Seconds(5));
  Ask(follower);
  EXPECT_FALSE(step_.has_value());
  EXPECT_EQ(signal_.waiting(), 0u);
}

TEST_F(LogFollowerTest, MayBeDestroyedWhileAReadIsQueued) {
  Append("order-1");
  {
    LogFollower follower(log_, signal_, executor_, FollowOptions::WholeLogAfter(Position(0)));
    follower.Next(absl::InfiniteDuration(), [](auto) { FAIL(); });
  }
  executor_.RunAll();
}

TEST_F(LogFollowerTest, MayBeDestroyedInsideItsOwnCallback) {
  Append("order-1");
  auto follower = std::make_unique<LogFollower>(log_, signal_, executor_,
                                                FollowOptions::WholeLogAfter(Position(0)));
  follower->Next(absl::InfiniteDuration(), [&](auto) { follower.reset(); });
  executor_.RunAll();
  EXPECT_EQ(follower, nullptr);
}

}  // namespace
}  // namespace nexus::follow
