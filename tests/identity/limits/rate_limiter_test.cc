#include "identity/limits/rate_limiter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <cmath>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "fake/manual_clock.h"
#include "fake/recording_metrics.h"
#include "nexus/core/errors.h"

namespace nexus::identity {
namespace {

Rates Only(LimitKind kind, Rate rate) {
  Rates rates;
  rates[static_cast<size_t>(kind)] = rate;
  return rates;
}

// A limiter with one plan for all.
class Limiter {
 public:
  Limiter(const Rates& rates, const Clock& clock, RateLimiterOptions options = {})
      : plans_(PlansOf(rates)), limiter_(options, plans_, clock, metrics_) {}

  absl::Status Take(absl::string_view name, LimitKind kind, uint64_t amount = 1) {
    return limiter_.Take(name, kind, amount);
  }
  absl::Status Take(absl::string_view name, absl::Span<const Cost> costs) {
    return limiter_.Take(LimitedClient{name}, costs);
  }
  std::optional<uint64_t> Left(absl::string_view name, LimitKind kind) const {
    return limiter_.Left(LimitedClient{name}, kind);
  }
  size_t size() const { return limiter_.size(); }
  double Refused(const std::string& limit) {
    return metrics_.Value(absl::StrCat("nexus_rate_limited_total{limit=", limit, "}"));
  }

 private:
  static LimitPlansOptions PlansOf(const Rates& rates) {
    LimitPlansOptions options;
    options.of_all.rates = rates;
    return options;
  }

  fake::RecordingMetrics metrics_;
  const LimitPlans plans_;
  RateLimiter limiter_;
};

class RateLimiterTest : public ::testing::Test {
 protected:
  fake::ManualClock clock_;
};

TEST_F(RateLimiterTest, GivesABurstAtOnceAndThenTheRate) {
  Limiter limiter(Only(LimitKind::kRequests, {2, 3}), clock_);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.Take("a", LimitKind::kRequests).ok()) << i;
  EXPECT_EQ(ReasonOf(limiter.Take("a", LimitKind::kRequests)), ErrorReason::kRateLimited);
  clock_.Advance(absl::Milliseconds(500));
  EXPECT_TRUE(limiter.Take("a", LimitKind::kRequests).ok());
  EXPECT_FALSE(limiter.Take("a", LimitKind::kRequests).ok());
}

TEST_F(RateLimiterTest, SaysHowMuchIsLeft) {
  Limiter limiter(DefaultRates(), clock_);
  EXPECT_EQ(limiter.Left("a", LimitKind::kRequests), std::nullopt) << "it is not limited";
  for (uint64_t left = 10; left > 0; --left) {
    EXPECT_EQ(limiter.Left("a", LimitKind::kTemporalReads), left);
    ASSERT_TRUE(limiter.Take("a", LimitKind::kTemporalReads).ok());
  }
  EXPECT_EQ(limiter.Left("a", LimitKind::kTemporalReads), 0u);
  clock_.Advance(absl::Seconds(13));
  EXPECT_EQ(limiter.Left("a", LimitKind::kTemporalReads), 2u);
  EXPECT_EQ(limiter.Left("b", LimitKind::kTemporalReads), 10u);
}

TEST_F(RateLimiterTest, SaysHowLongToWaitAndThenLetsPass) {
  Limiter limiter(DefaultRates(), clock_);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(limiter.Take("a", LimitKind::kTemporalReads).ok());
  const absl::Status refused = limiter.Take("a", LimitKind::kTemporalReads);
  const ErrorDetails details = DetailsOf(refused);
  ASSERT_TRUE(details.retry_after.has_value());
  EXPECT_EQ(*details.retry_after, absl::Seconds(6));
  EXPECT_THAT(details.metadata,
              ::testing::Contains(std::make_pair(std::string("limit"), "temporal_reads")));
  clock_.Advance(*details.retry_after - absl::Microseconds(1));
  EXPECT_FALSE(limiter.Take("a", LimitKind::kTemporalReads).ok());
  clock_.Advance(absl::Microseconds(1));
  EXPECT_TRUE(limiter.Take("a", LimitKind::kTemporalReads).ok());
}

TEST_F(RateLimiterTest, CountsEachPrincipalAndEachKindAlone) {
  Rates rates = Only(LimitKind::kRequests, {1, 1});
  rates[static_cast<size_t>(LimitKind::kEvents)] = {1, 1};
  Limiter limiter(rates, clock_);
  EXPECT_TRUE(limiter.Take("a", LimitKind::kRequests).ok());
  EXPECT_FALSE(limiter.Take("a", LimitKind::kRequests).ok());
  EXPECT_TRUE(limiter.Take("a", LimitKind::kEvents).ok());
  EXPECT_TRUE(limiter.Take("b", LimitKind::kRequests).ok());
  EXPECT_TRUE(limiter.Take("a", LimitKind::kBytes, 1 << 30).ok()) << "is not limited";
}

TEST_F(RateLimiterTest, TakesNothingIfOneKindIsUsedUp) {
  Rates rates = Only(LimitKind::kRequests, {1, 2});
  rates[static_cast<size_t>(LimitKind::kEvents)] = {1, 1};
  Limiter limiter(rates, clock_);
  const Cost both[] = {{LimitKind::kRequests, 1}, {LimitKind::kEvents, 1}};
  EXPECT_TRUE(limiter.Take("a", both).ok());
  EXPECT_FALSE(limiter.Take("a", both).ok());
  EXPECT_TRUE(limiter.Take("a", LimitKind::kRequests).ok()) << "the refused call took a request";
}

TEST_F(RateLimiterTest, LetsWhatIsLargerThanTheBurstPassWhenTheBucketIsFull) {
  Limiter limiter(Only(LimitKind::kEvents, {10, 5}), clock_);
  EXPECT_TRUE(limiter.Take("a", LimitKind::kEvents, 100).ok());
  const absl::Status refused = limiter.Take("a", LimitKind::kEvents, 100);
  EXPECT_EQ(DetailsOf(refused).retry_after, absl::Seconds(10));
  clock_.Advance(absl::Seconds(10));
  EXPECT_TRUE(limiter.Take("a", LimitKind::kEvents, 100).ok());
}

TEST_F(RateLimiterTest, SurvivesHostileAmounts) {
  Limiter limiter(Only(LimitKind::kBytes, {0.001, 1}), clock_);
  EXPECT_TRUE(limiter.Take("a", LimitKind::kBytes, ~uint64_t{0}).ok());
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(limiter.Take("a", LimitKind::kBytes, ~uint64_t{0}).ok());
    clock_.Advance(absl::Hours(24 * 365));
  }
}

TEST_F(RateLimiterTest, ForgetsWhoOwesNothingAndSharesOneAccountWhenFull) {
  Limiter limiter(Only(LimitKind::kRequests, {1, 1}), clock_, {.principals_max = 2, .shards = 1});
  EXPECT_TRUE(limiter.Take("a", LimitKind::kRequests).ok());
  EXPECT_TRUE(limiter.Take("b", LimitKind::kRequests).ok());
  EXPECT_TRUE(limiter.Take("c", LimitKind::kRequests).ok());
  EXPECT_FALSE(limiter.Take("d", LimitKind::kRequests).ok()) << "c has used the shared account";
  EXPECT_EQ(limiter.Left("d", LimitKind::kRequests), 0u);
  EXPECT_EQ(limiter.size(), 2u);
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(limiter.Take("e", LimitKind::kRequests).ok());
  EXPECT_EQ(limiter.size(), 1u) << "a and b owed nothing";
}

TEST_F(RateLimiterTest, CountsWhatItRefusesByLimit) {
  Rates rates = Only(LimitKind::kRequests, {1, 1});
  rates[static_cast<size_t>(LimitKind::kEvents)] = {1, 1};
  Limiter limiter(rates, clock_);
  for (int i = 0; i < 3; ++i) limiter.Take("a", LimitKind::kRequests).IgnoreError();
  for (int i = 0; i < 2; ++i) limiter.Take("a", LimitKind::kEvents).IgnoreError();
  EXPECT_EQ(limiter.Refused("requests"), 2);
  EXPECT_EQ(limiter.Refused("events"), 1);
  EXPECT_EQ(limiter.Refused("bytes"), 0);
}

TEST_F(RateLimiterTest, AMillionPrincipalsTakeNoMoreMemoryThanItsBound) {
  // A million locks, and Debian's Abseil looks for cycles at each of them.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const RateLimiterOptions options;
  Limiter limiter(Only(LimitKind::kRequests, {1, 1e6}), clock_);
  for (int i = 0; i < 1'000'000; ++i) {
    ASSERT_TRUE(limiter.Take(absl::StrCat("principal-", i), LimitKind::kRequests).ok());
  }
  EXPECT_EQ(limiter.size(), options.principals_max) << "all owe something; the rest share";
  clock_.Advance(absl::Seconds(2));
  EXPECT_TRUE(limiter.Take("another", LimitKind::kRequests).ok());
  EXPECT_LT(limiter.size(), options.principals_max) << "its shard forgot who owes nothing";
}

TEST_F(RateLimiterTest, GivesNoMoreThanTheBurstToManyThreads) {
  Limiter limiter(Only(LimitKind::kRequests, {1, 100}), clock_);
  std::atomic<int> given{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        if (limiter.Take("a", LimitKind::kRequests).ok()) ++given;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(given, 100);
}

// In no window is more given than burst + rate * window (and one cost more, by the full bucket).
RC_GTEST_FIXTURE_PROP(RateLimiterTest, NeverGivesMoreThanBurstAndRate, ()) {
  const auto rate = *rc::gen::inRange(1, 50);
  const auto burst = *rc::gen::inRange(1, 50);
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 300), rc::gen::inRange(1, 80)));
  fake::ManualClock clock;
  Limiter limiter(Only(LimitKind::kEvents, {double(rate), double(burst)}), clock);
  std::vector<std::pair<int64_t, int>> given;  // milliseconds, amount
  int64_t now = 0;
  for (const auto& [wait, cost] : steps) {
    clock.Advance(absl::Milliseconds(wait));
    now += wait;
    const absl::Status taken = limiter.Take("a", LimitKind::kEvents, cost);
    if (taken.ok()) {
      given.emplace_back(now, cost);
    } else {
      RC_ASSERT(DetailsOf(taken).retry_after > absl::ZeroDuration());
    }
  }
  for (size_t from = 0; from < given.size(); ++from) {
    double sum = 0;
    for (size_t to = from; to < given.size(); ++to) {
      const double seconds = double(given[to].first - given[from].first) / 1e3;
      // What the last one took beyond the burst it owes.
      const double before = sum;
      sum += given[to].second;
      RC_ASSERT(std::min(sum, before + burst) <= burst + rate * seconds + 1e-6);
    }
  }
}

// Who waits as long as it was told gets what it asked for.
RC_GTEST_FIXTURE_PROP(RateLimiterTest, KeepsItsWordAboutTheDelay, ()) {
  const auto rate = *rc::gen::inRange(1, 1000);
  const auto burst = *rc::gen::inRange(1, 50);
  const auto costs = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 100));
  fake::ManualClock clock;
  Limiter limiter(Only(LimitKind::kEvents, {double(rate), double(burst)}), clock);
  for (const int cost : costs) {
    const absl::Status taken = limiter.Take("a", LimitKind::kEvents, cost);
    if (taken.ok()) continue;
    clock.Advance(*DetailsOf(taken).retry_after);
    RC_ASSERT(limiter.Take("a", LimitKind::kEvents, cost).ok());
  }
}

}  // namespace
}  // namespace nexus::identity
