#include "rpc/call_context.h"

#include "fake/manual_clock.h"
#include "gtest/gtest.h"

namespace nexus::rpc {
namespace {

TEST(CallerOfCommit, HasItsOwnTimeOnACallWithoutADeadline) {
  fake::ManualClock clock;
  engine::Caller call;
  call.principal.name = "ada";
  call.deadline = absl::InfiniteDuration();
  clock.Advance(absl::Hours(3));
  const engine::Caller caller = CallerOfCommit(call, clock);
  EXPECT_EQ(caller.deadline, clock.Monotonic() + kDefaultTimeout);
  EXPECT_EQ(caller.principal.name, "ada");
}

TEST(CallerOfCommit, EndsWithItsCall) {
  fake::ManualClock clock;
  engine::Caller call;
  call.deadline = clock.Monotonic() + absl::Seconds(3);
  clock.Advance(absl::Seconds(1));
  EXPECT_EQ(CallerOfCommit(call, clock).deadline, call.deadline);
}

}  // namespace
}  // namespace nexus::rpc
