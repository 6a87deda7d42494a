#include "rpc/start_fence.h"

#include "gtest/gtest.h"

namespace nexus::rpc {
namespace {

TEST(StartFenceTest, LetsTheEndFinishWhenNothingStarts) {
  StartFence fence;
  EXPECT_TRUE(fence.End(absl::CancelledError("gone")));
  EXPECT_FALSE(fence.Enter());
  EXPECT_EQ(fence.status(), absl::CancelledError("gone"));
}

TEST(StartFenceTest, LeavesTheFinishToTheLastStart) {
  StartFence fence;
  ASSERT_TRUE(fence.Enter());
  ASSERT_TRUE(fence.Enter());
  EXPECT_FALSE(fence.End(absl::OkStatus()));
  EXPECT_FALSE(fence.Leave());
  EXPECT_TRUE(fence.Leave());
}

TEST(StartFenceTest, EndsOnceWithTheFirstStatus) {
  StartFence fence;
  EXPECT_TRUE(fence.End(absl::OkStatus()));
  EXPECT_FALSE(fence.End(absl::CancelledError("late")));
  EXPECT_TRUE(fence.status().ok());
}

}  // namespace
}  // namespace nexus::rpc
