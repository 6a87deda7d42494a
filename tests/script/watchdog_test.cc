#include "script/spidermonkey/watchdog.h"

#include <atomic>

#include "absl/synchronization/notification.h"
#include "fake/eventually.h"
#include "gtest/gtest.h"
#include "nexus/core/system_clock.h"

namespace nexus::script {
namespace {

TEST(Watchdog, InterruptsWhatIsArmed) {
  const SystemClock clock;
  Watchdog dog(clock);
  absl::Notification interrupted;
  std::atomic<bool> once{false};
  const auto watch = dog.Add([&] {
    if (!once.exchange(true)) interrupted.Notify();
  });
  EXPECT_FALSE(watch->Expired());
  watch->Arm(absl::Milliseconds(10));
  EXPECT_TRUE(interrupted.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_TRUE(watch->Expired());
  watch->Disarm();
  EXPECT_FALSE(watch->Expired());
}

TEST(Watchdog, LeavesAloneWhatIsDisarmedInTime) {
  const SystemClock clock;
  Watchdog dog(clock);
  absl::Notification other;
  std::atomic<bool> once{false};
  std::atomic<bool> disturbed{false};
  const auto quick = dog.Add([&] { disturbed = true; });
  const auto slow = dog.Add([&] {
    if (!once.exchange(true)) other.Notify();
  });
  quick->Arm(absl::Hours(1));
  quick->Disarm();
  slow->Arm(absl::Milliseconds(30));
  EXPECT_TRUE(other.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_FALSE(disturbed);
}

TEST(Watchdog, WakesUpAfterItSlept) {
  const SystemClock clock;
  Watchdog dog(clock);
  absl::Notification interrupted;
  std::atomic<bool> once{false};
  const auto watch = dog.Add([&] {
    if (!once.exchange(true)) interrupted.Notify();
  });
  ASSERT_TRUE(fake::Eventually([&] { return dog.asleep(); }));
  watch->Arm(absl::Milliseconds(1));
  EXPECT_TRUE(interrupted.WaitForNotificationWithTimeout(absl::Seconds(20)));
  watch->Disarm();
}

}  // namespace
}  // namespace nexus::script
