#include "identity/limits/open_subscriptions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "fake/recording_metrics.h"
#include "nexus/core/errors.h"

namespace nexus::identity {
namespace {

class OpenSubscriptionsTest : public ::testing::Test {
 protected:
  static LimitPlansOptions AtMost(uint64_t open_max) {
    LimitPlansOptions options;
    options.of_all.subscriptions_open_max = open_max;
    return options;
  }

  fake::RecordingMetrics metrics_;
  const LimitPlans plans_{AtMost(2)};
  OpenSubscriptions open_{plans_, metrics_};
};

TEST_F(OpenSubscriptionsTest, RefusesOneTooManyUntilOneCloses) {
  auto first = open_.Open({"a"});
  {
    const auto second = open_.Open({"a"});
    ASSERT_TRUE(first.ok() && second.ok());
    const absl::Status refused = open_.Open({"a"}).status();
    const ErrorDetails details = DetailsOf(refused);
    EXPECT_EQ(details.reason, ErrorReason::kRateLimited);
    EXPECT_TRUE(details.retry_after.has_value());
    EXPECT_THAT(details.metadata, ::testing::Contains(std::make_pair(
                                      std::string("limit"), std::string("open_subscriptions"))));
    EXPECT_TRUE(open_.Open({"b"}).ok()) << "another client";
  }
  EXPECT_TRUE(open_.Open({"a"}).ok());
  EXPECT_EQ(metrics_.Value("nexus_rate_limited_total{limit=open_subscriptions}"), 1);
}

TEST_F(OpenSubscriptionsTest, RemembersOnlyWhoHasOne) {
  {
    const auto one = open_.Open({"a"});
    auto moved = open_.Open({"b"});
    const OpenSubscriptions::Lease kept = *std::move(moved);
    EXPECT_EQ(open_.clients(), 2u);
  }
  EXPECT_EQ(open_.clients(), 0u);
}

TEST_F(OpenSubscriptionsTest, ZeroIsNoLimit) {
  const LimitPlans none(AtMost(0));
  OpenSubscriptions open(none, metrics_);
  std::vector<OpenSubscriptions::Lease> leases;
  for (int i = 0; i < 5'000; ++i) {
    auto lease = open.Open({"a"});
    ASSERT_TRUE(lease.ok());
    leases.push_back(*std::move(lease));
  }
}

TEST_F(OpenSubscriptionsTest, CountsRightWithManyThreads) {
  std::atomic<int> open{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2'000; ++i) {
        const auto lease = open_.Open({"a"});
        if (!lease.ok()) continue;
        const int now = ++open;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) continue;
        --open;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 2);
  EXPECT_EQ(open_.clients(), 0u);
}

}  // namespace
}  // namespace nexus::identity
