#include "subscription/subscribe_options.h"

#include "fake/tiny_log.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::subscription {
namespace {

using Start = SubscribeOptions::Start;

class SubscribeOptionsTest : public ::testing::Test {
 protected:
  SubscribeOptionsTest() {
    log_.Append("order-1");
    log_.Append("order-2");
    log_.Append("order-1");
  }
  absl::StatusOr<follow::FollowOptions> Resolve(const std::string& stream, Start start,
                                                uint64_t after = 0) {
    SubscribeOptions options;
    options.stream = stream;
    options.start = start;
    options.after = after;
    return ResolveStart(options, log_, Limits());
  }
  uint64_t NextOf(const std::string& stream, Start start, uint64_t after = 0) {
    return Resolve(stream, start, after)->next;
  }
  ErrorReason ReasonFor(const std::string& stream, Start start, uint64_t after = 0) {
    return ReasonOf(Resolve(stream, start, after).status());
  }

  fake::TinyLog log_;
};

TEST_F(SubscribeOptionsTest, BeginsWhereTheSubscriberSays) {
  EXPECT_EQ(NextOf("", Start::kBeginning), 1u);
  EXPECT_EQ(NextOf("", Start::kEnd), 4u);
  EXPECT_EQ(NextOf("", Start::kAfter, 0), 1u);
  EXPECT_EQ(NextOf("", Start::kAfter, 3), 4u);
  EXPECT_EQ(NextOf("order-1", Start::kBeginning), 0u);
  EXPECT_EQ(NextOf("order-1", Start::kEnd), 2u);
  EXPECT_EQ(NextOf("order-1", Start::kAfter, 0), 1u);
  EXPECT_EQ(NextOf("order-1", Start::kAfter, 1), 2u);
  EXPECT_EQ(NextOf("nowhere", Start::kEnd), 0u);
}

TEST_F(SubscribeOptionsTest, RefusesToBeginAfterWhatDoesNotExist) {
  EXPECT_EQ(ReasonFor("", Start::kAfter, 4), ErrorReason::kPositionBeyondHead);
  EXPECT_EQ(ReasonFor("order-1", Start::kAfter, 2), ErrorReason::kPositionBeyondHead);
  EXPECT_EQ(ReasonFor("nowhere", Start::kAfter, 0), ErrorReason::kPositionBeyondHead);
  EXPECT_EQ(ReasonFor("", Start::kAfter, UINT64_MAX), ErrorReason::kPositionBeyondHead);
  EXPECT_EQ(ReasonFor("order-1", Start::kAfter, UINT64_MAX), ErrorReason::kPositionBeyondHead);
}

TEST_F(SubscribeOptionsTest, RefusesAMalformedName) {
  EXPECT_EQ(ReasonFor("a\nb", Start::kBeginning), ErrorReason::kMalformedName);
  EXPECT_EQ(ReasonFor(std::string(256, 'a'), Start::kBeginning), ErrorReason::kMalformedName);
  EXPECT_EQ(ReasonFor("\xff", Start::kBeginning), ErrorReason::kInvalidUtf8);
}

TEST_F(SubscribeOptionsTest, RefusesAHeartbeatThatIsTooFast) {
  SubscribeOptions options;
  options.heartbeat_interval = absl::Milliseconds(99);
  EXPECT_EQ(ReasonOf(ResolveStart(options, log_, Limits()).status()), ErrorReason::kLimitExceeded);
  options.heartbeat_interval = absl::Milliseconds(100);
  EXPECT_TRUE(ResolveStart(options, log_, Limits()).ok());
}

TEST_F(SubscribeOptionsTest, BoundsTheBatch) {
  SubscribeOptions options;
  EXPECT_EQ(ResolveStart(options, log_, Limits())->limits.events_max, 1'024u);
  options.batch_events_max = 7;
  EXPECT_EQ(ResolveStart(options, log_, Limits())->limits.events_max, 7u);
  options.batch_events_max = 1'000'000;
  EXPECT_EQ(ResolveStart(options, log_, Limits())->limits.events_max, Limits().page_events_max);
}

}  // namespace
}  // namespace nexus::subscription
