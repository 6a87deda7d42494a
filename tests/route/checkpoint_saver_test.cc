#include "route/checkpoint_saver.h"

#include "fake/manual_executor.h"
#include "fake/memory_checkpoints.h"
#include "gtest/gtest.h"

namespace nexus::route {
namespace {

class CheckpointSaverTest : public ::testing::Test {
 protected:
  uint64_t saved() const { return store_.SavedFor("route/x"); }

  fake::ManualExecutor executor_;
  fake::MemoryCheckpoints store_;
  std::shared_ptr<CheckpointSaver> saver_ = std::make_shared<CheckpointSaver>(
      store_, executor_, "route/x", Position(0),
      CheckpointSaver::Options{.events_max = 100, .interval = absl::Seconds(1)});
};

TEST_F(CheckpointSaverTest, SavesAfterTheInterval) {
  saver_->Reach(Position(1));
  saver_->Reach(Position(2));
  executor_.RunAll();
  EXPECT_EQ(saved(), 0u);
  executor_.Advance(absl::Seconds(1));
  EXPECT_EQ(saved(), 2u);
  EXPECT_EQ(store_.saves(), 1);
}

TEST_F(CheckpointSaverTest, SavesAfterEnoughEvents) {
  for (uint64_t i = 1; i <= 100; ++i) saver_->Reach(Position(i));
  executor_.RunAll();
  EXPECT_EQ(saved(), 100u);
}

TEST_F(CheckpointSaverTest, SavesNothingWhenNothingMoved) {
  executor_.Advance(absl::Seconds(10));
  saver_->Reach(Position(0));
  executor_.Advance(absl::Seconds(10));
  EXPECT_TRUE(saver_->SaveNow().ok());
  EXPECT_EQ(store_.saves(), 0);
}

TEST_F(CheckpointSaverTest, NeverGoesBackwards) {
  saver_->Reach(Position(9));
  saver_->Reach(Position(5));
  EXPECT_TRUE(saver_->SaveNow().ok());
  EXPECT_EQ(saved(), 9u);
}

TEST_F(CheckpointSaverTest, SavesAtOnceWhenTold) {
  saver_->Reach(Position(3));
  EXPECT_TRUE(saver_->SaveNow().ok());
  EXPECT_EQ(saved(), 3u);
}

TEST_F(CheckpointSaverTest, TriesAgainAfterAFailure) {
  store_.FailWith(absl::ResourceExhaustedError("disk full"));
  saver_->Reach(Position(3));
  executor_.Advance(absl::Seconds(1));
  EXPECT_EQ(saver_->last_error().code(), absl::StatusCode::kResourceExhausted);
  store_.FailWith(absl::OkStatus());
  executor_.Advance(absl::Seconds(1));
  EXPECT_EQ(saved(), 3u);
  EXPECT_TRUE(saver_->last_error().ok());
}

TEST_F(CheckpointSaverTest, DoesNotSpinOnAStoreThatFails) {
  store_.FailWith(absl::ResourceExhaustedError("disk full"));
  saver_->Reach(Position(1'000));
  executor_.Advance(absl::Seconds(10));
  EXPECT_LE(store_.saves(), 11);
}

TEST_F(CheckpointSaverTest, MayGoAwayWithASavePlanned) {
  saver_->Reach(Position(1));
  saver_.reset();
  executor_.Advance(absl::Seconds(5));
  EXPECT_EQ(store_.saves(), 0);
}

}  // namespace
}  // namespace nexus::route
