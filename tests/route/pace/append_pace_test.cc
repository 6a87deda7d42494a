#include "route/pace/append_pace.h"

#include <memory>
#include <utility>

#include "fake/manual_clock.h"
#include "fake/recording_metrics.h"
#include "gtest/gtest.h"

namespace nexus::route {
namespace {

constexpr absl::Duration kMs = absl::Milliseconds(1);
constexpr absl::Duration kMax = absl::Milliseconds(100);

TEST(PaceForTest, GrowsFromAQuarterToThreeQuartersOfThePromise) {
  const absl::Duration promise = 1'000 * kMs;
  EXPECT_EQ(PaceFor(absl::ZeroDuration(), promise, kMax), absl::ZeroDuration());
  EXPECT_EQ(PaceFor(250 * kMs, promise, kMax), absl::ZeroDuration());
  EXPECT_EQ(PaceFor(500 * kMs, promise, kMax), 50 * kMs);
  EXPECT_EQ(PaceFor(750 * kMs, promise, kMax), kMax);
  EXPECT_EQ(PaceFor(2'000 * kMs, promise, kMax), kMax);
}

TEST(PaceForTest, IsNothingOnceThePromiseIsBrokenTwofold) {
  EXPECT_EQ(PaceFor(1'001 * kMs, 500 * kMs, kMax), absl::ZeroDuration());
  EXPECT_EQ(PaceFor(absl::InfiniteDuration(), 500 * kMs, kMax), absl::ZeroDuration());
}

class AppendPaceTest : public ::testing::Test {
 protected:
  AppendPaceTest() {
    Classification rules;
    rules.rules.ordered_categories["pay"] = Path::kCritical;
    rules_ = std::make_shared<const Classification>(std::move(rules));
  }

  static RouteMatch Match(PathMatch path, std::vector<std::string> categories = {}) {
    RouteMatch match;
    match.path = path;
    match.categories = std::move(categories);
    return match;
  }
  static RecordedEvent Event(absl::string_view stream, absl::string_view type = "placed") {
    RecordedEvent event;
    event.stream = stream;
    event.type = type;
    return event;
  }
  absl::Duration Wait(absl::string_view stream, absl::string_view type = "placed") {
    return pace_.WaitFor(Event(stream, type));
  }
  double Shown(const std::string& route) {
    return metrics_.Value("nexus_append_pace_seconds{route=" + route + "}");
  }

  fake::ManualClock clock_;
  fake::RecordingMetrics metrics_;
  ClassificationPtr rules_;
  AppendPace pace_{clock_, metrics_, {.wait_max = kMax}};
};

TEST_F(AppendPaceTest, NothingWaitsWhileNoRouteLags) {
  const auto route = pace_.Watch("all", RouteMatch());
  EXPECT_FALSE(pace_.active());
  EXPECT_EQ(Wait("order-1"), absl::ZeroDuration());
  route->Report({10 * kMs, 10 * kMs}, true, rules_);
  EXPECT_FALSE(pace_.active());
}

TEST_F(AppendPaceTest, WhatARouteMatchesWaitsAndTheMetricSaysSo) {
  const auto route = pace_.Watch("orders", Match(PathMatch::kStandard, {"order"}));
  route->Report({{}, 2'500 * kMs}, true, rules_);
  EXPECT_TRUE(pace_.active());
  EXPECT_EQ(Wait("order-1"), kMax / 2);
  EXPECT_EQ(Wait("stock-1"), absl::ZeroDuration());
  EXPECT_EQ(Shown("orders"), absl::ToDoubleSeconds(kMax / 2));
}

TEST_F(AppendPaceTest, WhatIsOnTheOtherPathDoesNotWait) {
  const auto route = pace_.Watch("critical", Match(PathMatch::kCritical));
  route->Report({400 * kMs, {}}, true, rules_);
  EXPECT_EQ(Wait("pay-1"), kMax);
  EXPECT_EQ(Wait("order-1"), absl::ZeroDuration());
}

TEST_F(AppendPaceTest, WhatIsOfAnotherTypeDoesNotWait) {
  RouteMatch match;
  match.types = {"placed"};
  const auto route = pace_.Watch("placed", match);
  route->Report({400 * kMs, {}}, true, rules_);
  EXPECT_EQ(Wait("order-1", "placed"), kMax);
  EXPECT_EQ(Wait("order-1", "shipped"), absl::ZeroDuration());
}

TEST_F(AppendPaceTest, StreamsOfTheServerNeverWait) {
  const auto route = pace_.Watch("audit", Match(PathMatch::kAny, {"$audit", "order"}));
  route->Report({400 * kMs, 400 * kMs}, true, rules_);
  EXPECT_EQ(Wait("order-1"), kMax);
  EXPECT_EQ(Wait("$audit"), absl::ZeroDuration());
}

TEST_F(AppendPaceTest, ARouteOfOnePathHasThatPromiseOnly) {
  const auto standard = pace_.Watch("standard", Match(PathMatch::kStandard));
  standard->Report({400 * kMs, 400 * kMs}, true, rules_);
  EXPECT_FALSE(pace_.active());
  const auto critical = pace_.Watch("critical", Match(PathMatch::kCritical));
  critical->Report({{}, 5'000 * kMs}, true, rules_);
  EXPECT_FALSE(pace_.active());
}

TEST_F(AppendPaceTest, OnARouteOfBothPathsEverythingWaitsForThePromiseInDanger) {
  const auto route = pace_.Watch("all", RouteMatch());
  route->Report({250 * kMs, 100 * kMs}, true, rules_);
  EXPECT_EQ(Wait("order-1"), kMax / 2);
  EXPECT_EQ(Wait("pay-1"), kMax / 2);
}

TEST_F(AppendPaceTest, OfSeveralRoutesTheLongestWaitCounts) {
  const auto one = pace_.Watch("one", RouteMatch());
  const auto other = pace_.Watch("other", RouteMatch());
  one->Report({400 * kMs, {}}, true, rules_);
  other->Report({250 * kMs, {}}, true, rules_);
  EXPECT_EQ(Wait("order-1"), kMax);
}

TEST_F(AppendPaceTest, NobodyWaitsForASinkThatTakesNothing) {
  const auto route = pace_.Watch("all", RouteMatch());
  route->Report({400 * kMs, {}}, true, rules_);
  route->Report({400 * kMs, {}}, false, rules_);
  EXPECT_FALSE(pace_.active());
  EXPECT_EQ(Shown("all"), 0);
}

TEST_F(AppendPaceTest, AnOldReportCountsForNothing) {
  const auto route = pace_.Watch("all", RouteMatch());
  route->Report({400 * kMs, {}}, true, rules_);
  clock_.Advance(absl::Seconds(3));
  EXPECT_EQ(Wait("order-1"), kMax);
  clock_.Advance(kMs);
  EXPECT_EQ(Wait("order-1"), absl::ZeroDuration());
}

TEST_F(AppendPaceTest, ARouteThatGoesLetsGo) {
  auto route = pace_.Watch("all", RouteMatch());
  route->Report({400 * kMs, {}}, true, rules_);
  route.reset();
  EXPECT_FALSE(pace_.active());
  EXPECT_EQ(Wait("order-1"), absl::ZeroDuration());
  EXPECT_EQ(Shown("all"), 0);
}

}  // namespace
}  // namespace nexus::route
