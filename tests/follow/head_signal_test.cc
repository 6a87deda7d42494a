#include "follow/head_signal.h"

#include "fake/manual_executor.h"
#include "fake/thread_executor.h"
#include "gtest/gtest.h"

namespace nexus::follow {
namespace {

TEST(HeadSignalTest, WakesOnlyThoseWhomTheHeadHasPassed) {
  fake::ManualExecutor executor;
  HeadSignal signal(executor, Position(5));
  int near = 0;
  int far = 0;
  ASSERT_TRUE(signal.WaitBeyond(Position(5), [&] { ++near; }));
  ASSERT_TRUE(signal.WaitBeyond(Position(9), [&] { ++far; }));
  signal.Publish(Position(7));
  executor.RunAll();
  EXPECT_EQ(near, 1);
  EXPECT_EQ(far, 0);
  EXPECT_EQ(signal.waiting(), 1u);
}

TEST(HeadSignalTest, RegistersNobodyWhoIsBehind) {
  fake::ManualExecutor executor;
  HeadSignal signal(executor, Position(5));
  EXPECT_FALSE(signal.WaitBeyond(Position(4), [] { FAIL(); }));
  EXPECT_EQ(signal.waiting(), 0u);
}

TEST(HeadSignalTest, WakesNobodyOnTheThreadThatPublishes) {
  fake::ManualExecutor executor;
  HeadSignal signal(executor, Position(0));
  bool woken = false;
  ASSERT_TRUE(signal.WaitBeyond(Position(0), [&] { woken = true; }));
  signal.Publish(Position(1));
  EXPECT_FALSE(woken);
  executor.RunAll();
  EXPECT_TRUE(woken);
}

TEST(HeadSignalTest, IgnoresAHeadThatIsNotNew) {
  fake::ManualExecutor executor;
  HeadSignal signal(executor, Position(5));
  signal.Publish(Position(3));
  EXPECT_EQ(signal.head(), Position(5));
}

TEST(HeadSignalTest, ForgetsACancelledWaiter) {
  fake::ManualExecutor executor;
  HeadSignal signal(executor, Position(0));
  const auto wait = signal.WaitBeyond(Position(0), [] { FAIL(); });
  signal.Cancel(*wait);
  signal.Cancel(*wait + 100);
  signal.Publish(Position(1));
  executor.RunAll();
}

TEST(HeadSignalTest, MayGoAwayWhileAWakeUpIsQueued) {
  fake::ManualExecutor executor;
  bool woken = false;
  {
    HeadSignal signal(executor, Position(0));
    ASSERT_TRUE(signal.WaitBeyond(Position(0), [&] { woken = true; }));
    signal.Publish(Position(1));
  }
  executor.RunAll();
  EXPECT_TRUE(woken);
}

// A full queue is not a reason to lose a wake-up.
TEST(HeadSignalTest, WakesLaterWhenTheExecutorRefuses) {
  class Refusing : public fake::ManualExecutor {
   public:
    bool TrySubmit(Task) override { return false; }
  } executor;
  HeadSignal signal(executor, Position(0));
  bool woken = false;
  ASSERT_TRUE(signal.WaitBeyond(Position(0), [&] { woken = true; }));
  signal.Publish(Position(1));
  executor.Advance(absl::Seconds(1));
  EXPECT_TRUE(woken);
}

}  // namespace
}  // namespace nexus::follow
