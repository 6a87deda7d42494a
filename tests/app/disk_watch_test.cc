#include "app/disk_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "fake/eventually.h"
#include "fake/manual_executor.h"

namespace nexus::app {
namespace {

using storage::DiskState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::Duration kLookEvery = absl::Seconds(1);

class DiskWatchTest : public ::testing::Test {
 protected:
  storage::RocksLog::DiskCare Look() {
    ++looks_;
    storage::RocksLog::DiskCare care;
    care.report.state = state_;
    care.restart = restart_;
    return care;
  }
  void LookTimes(int times) {
    for (int i = 0; i < times; ++i) executor_.Advance(kLookEvery);
  }

  int looks_ = 0;
  DiskState state_ = DiskState::kEnough;
  bool restart_ = false;
  std::vector<std::string> stops_;
  fake::ManualExecutor executor_;
  DiskWatch watch_{[this] { return Look(); }, executor_,
                   [this](absl::string_view why) { stops_.emplace_back(why); }};
};

TEST_F(DiskWatchTest, LooksOnceASecondOnceStarted) {
  LookTimes(3);
  EXPECT_EQ(looks_, 0);
  watch_.Start();
  executor_.Advance(kLookEvery - absl::Milliseconds(1));
  EXPECT_EQ(looks_, 0);
  executor_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(looks_, 1);
  LookTimes(4);
  EXPECT_EQ(looks_, 5);
  EXPECT_THAT(stops_, IsEmpty());
}

TEST_F(DiskWatchTest, LetsADiskBeLow) {
  watch_.Start();
  LookTimes(1);
  state_ = DiskState::kLow;
  LookTimes(3);
  EXPECT_EQ(looks_, 4);
  EXPECT_THAT(stops_, IsEmpty());
}

TEST_F(DiskWatchTest, StopsTheProcessOnceWhenTheDiskRunsFull) {
  watch_.Start();
  LookTimes(1);
  state_ = DiskState::kExhausted;
  LookTimes(1);
  EXPECT_THAT(stops_, ElementsAre(HasSubstr("the disk is full")));
  LookTimes(3);
  EXPECT_EQ(stops_.size(), 1);
  EXPECT_EQ(looks_, 2);
}

TEST_F(DiskWatchTest, LetsAProcessRunThatWasStartedOnAFullDisk) {
  state_ = DiskState::kExhausted;
  watch_.Start();
  LookTimes(3);
  EXPECT_EQ(looks_, 3);
  EXPECT_THAT(stops_, IsEmpty());
}

TEST_F(DiskWatchTest, StopsWhenTheDiskRunsFullAgainAfterSuchAStart) {
  state_ = DiskState::kExhausted;
  watch_.Start();
  LookTimes(2);
  state_ = DiskState::kLow;
  LookTimes(1);
  state_ = DiskState::kExhausted;
  LookTimes(1);
  EXPECT_THAT(stops_, ElementsAre(HasSubstr("the disk is full")));
}

TEST_F(DiskWatchTest, StopsToOpenAnewWhenThereIsSpaceAgain) {
  state_ = DiskState::kExhausted;
  restart_ = true;
  watch_.Start();
  LookTimes(1);
  EXPECT_THAT(stops_, ElementsAre(HasSubstr("open anew")));
}

TEST_F(DiskWatchTest, LooksNoMoreAfterStopAndAgainAfterAStart) {
  watch_.Start();
  LookTimes(1);
  watch_.Stop();
  LookTimes(3);
  EXPECT_EQ(looks_, 1);
  watch_.Start();
  LookTimes(2);
  EXPECT_EQ(looks_, 3);
}

// The log must not go while it is being asked.
TEST(DiskWatchStopTest, WaitsForTheLookUnderWay) {
  fake::ManualExecutor executor;
  absl::Notification looking;
  absl::Notification go_on;
  std::atomic<bool> looked{false};
  DiskWatch watch(
      [&] {
        looking.Notify();
        go_on.WaitForNotification();
        looked = true;
        return storage::RocksLog::DiskCare{};
      },
      executor, [](absl::string_view) {});
  watch.Start();
  std::thread worker([&] { executor.Advance(kLookEvery); });
  looking.WaitForNotification();
  std::atomic<bool> stopped{false};
  bool looked_before_stopped = false;
  std::thread stopper([&] {
    watch.Stop();
    looked_before_stopped = looked;
    stopped = true;
  });
  // A Stop() that does not wait returns here; one that does gives no sign, so it gets a moment.
  EXPECT_FALSE(fake::Eventually([&] { return stopped.load(); }, absl::Milliseconds(50)));
  go_on.Notify();
  stopper.join();
  worker.join();
  EXPECT_TRUE(looked_before_stopped);
}

}  // namespace
}  // namespace nexus::app
