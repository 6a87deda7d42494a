#include "cost/period/period_usage.h"

#include "absl/strings/str_cat.h"
#include "fake/tiny_log.h"
#include "gmock/gmock.h"
#include "nexus/core/errors.h"

namespace nexus::cost {
namespace {

using ::testing::SizeIs;

class PeriodUsageTest : public ::testing::Test {
 protected:
  PeriodUsageTest() {
    rules_.business_impact_weight = 1;
    routing_.rules = [this](Position) -> const route::CriticalityRules& { return rules_; };
    route::RouteMatch critical, standard;
    critical.path = route::PathMatch::kCritical;
    standard.path = route::PathMatch::kStandard;
    routing_.routes = {{"critical", critical, "stream"}, {"standard", standard, "queue"}};
  }
  void Append(const std::string& stream, double impact, size_t bytes = 2) {
    log_.Append(fake::TinyLog::Draft{
        .stream = stream, .data = std::string(bytes, 'x'), .routing = {.business_impact = impact}});
  }
  MeasuredPeriod Measure(uint64_t from, uint64_t to, std::vector<const Routing*> routings) {
    const auto period = MeasurePeriod(log_, {Position(from), Position(to)}, routings, {100},
                                      [] { return absl::OkStatus(); });
    EXPECT_TRUE(period.ok()) << period.status();
    return period.value_or(MeasuredPeriod());
  }

  fake::TinyLog log_;
  route::CriticalityRules rules_;
  Routing routing_;
};

TEST_F(PeriodUsageTest, CountsByRouteAndService) {
  Append("pay-1", 0.9);
  Append("pay-1", 0.9);
  Append("log-1", 0.1);
  Append("$audit", 0.9);
  const MeasuredPeriod period = Measure(1, 4, {&routing_});
  EXPECT_EQ(period.events, 3u);
  ASSERT_THAT(period.routed, SizeIs(1));
  const RoutedPeriod& routed = period.routed[0];
  EXPECT_EQ(routed.critical, 2u);
  EXPECT_EQ(routed.unrouted, 0u);
  EXPECT_EQ(routed.usage.routes[0].usage.events, 2u);
  EXPECT_EQ(routed.usage.services.at("queue").events, 1u);
  EXPECT_EQ(routed.usage.all.events, 3u);
  EXPECT_EQ(routed.usage.all.peak_events, 3u);
}

TEST_F(PeriodUsageTest, EventsOnTwoRoutesAreSentTwiceButCompareOnce) {
  routing_.routes.push_back({"copy", {}, "queue"});
  Append("log-1", 0.1);
  const RoutedPeriod routed = Measure(1, 1, {&routing_}).routed[0];
  EXPECT_EQ(routed.usage.services.at("queue").events, 2u);
  EXPECT_EQ(routed.usage.services.at("queue").peak_events, 2u);
  EXPECT_EQ(routed.usage.all.events, 1u);
}

TEST_F(PeriodUsageTest, JudgesByOtherRulesInTheSamePass) {
  for (int i = 0; i < 10; ++i) Append("pay-1", i / 10.0);
  route::CriticalityRules strict = rules_;
  strict.threshold = 0.85;
  Routing other = routing_;
  other.rules = [&strict](Position) -> const route::CriticalityRules& { return strict; };
  const MeasuredPeriod period = Measure(1, 10, {&routing_, &other});
  EXPECT_EQ(period.routed[0].critical, 3u);
  EXPECT_EQ(period.routed[1].critical, 1u);
  EXPECT_EQ(period.routed[1].usage.services.at("queue").events, 9u);
  EXPECT_EQ(log_.reads(), 1);
}

TEST_F(PeriodUsageTest, ReadsThePeriodAndNothingElse) {
  for (int i = 0; i < 3'000; ++i) Append(absl::StrCat("log-", i), 0);
  const MeasuredPeriod period = Measure(500, 2'499, {&routing_});
  EXPECT_EQ(period.events, 2'000u);
  EXPECT_EQ(period.last.micros - period.first.micros, 1'999);
  EXPECT_EQ(Measure(5, 4, {&routing_}).events, 0u);
  EXPECT_EQ(Measure(3'001, 9'000, {&routing_}).events, 0u);
}

TEST_F(PeriodUsageTest, CountsDataAndWhatGoesAlong) {
  Append("a", 0, 1'000);
  const RoutedPeriod routed = Measure(1, 1, {&routing_}).routed[0];
  // The id, the stream, the type "thing-happened", "application/json".
  EXPECT_EQ(routed.usage.all.bytes, 1'000u + 36 + 1 + 14 + 16);
  EXPECT_EQ(routed.usage.all.pieces.at(100), 11u);
}

TEST_F(PeriodUsageTest, TellsWhatNoRouteTakes) {
  routing_.routes.pop_back();
  Append("log-1", 0.1);
  EXPECT_EQ(Measure(1, 1, {&routing_}).routed[0].unrouted, 1u);
}

TEST_F(PeriodUsageTest, EndsWhereItMayNotGoOnOrCannotRead) {
  Append("a", 0);
  const PeriodRange range{Position(1), Position(1)};
  EXPECT_EQ(
      MeasurePeriod(log_, range, {&routing_}, {}, [] { return absl::CancelledError("enough"); })
          .status()
          .message(),
      "enough");
  log_.FailNextRead(MakeError(ErrorReason::kDataLoss, "a hole"));
  EXPECT_EQ(
      ReasonOf(
          MeasurePeriod(log_, range, {&routing_}, {}, [] { return absl::OkStatus(); }).status()),
      ErrorReason::kDataLoss);
}

}  // namespace
}  // namespace nexus::cost
