#include "route/declaration/criticality.h"

#include <cmath>
#include <ostream>

#include "gtest/gtest.h"

namespace nexus::route {
namespace {

struct Row {
  const char* name;
  RoutingHints hints;
  const char* type;
  double score;
  Path path;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

RoutingHints Hints(Criticality declared, double impact, bool ordered, uint32_t latency_ms) {
  return {declared, impact, ordered, latency_ms};
}

constexpr auto kNone = Criticality::kUnspecified;
constexpr auto kLow = Criticality::kLow;
constexpr auto kMedium = Criticality::kMedium;
constexpr auto kHigh = Criticality::kHigh;

CriticalityRules Rules() {
  CriticalityRules rules;
  rules.type_weights = {{"paid", 1.0}, {"odd", 7.0}};
  return rules;
}

class CriticalityTest : public ::testing::TestWithParam<Row> {};

TEST_P(CriticalityTest, ScoresAndJudges) {
  RecordedEvent event;
  event.stream = "order-1";
  event.type = GetParam().type;
  event.routing = GetParam().hints;
  const Verdict verdict = Judge(Rules(), event);
  EXPECT_NEAR(verdict.score, GetParam().score, 1e-12);
  EXPECT_EQ(verdict.path, GetParam().path);
}

INSTANTIATE_TEST_SUITE_P(
    Table, CriticalityTest,
    ::testing::Values(
        Row{"Nothing", Hints(kNone, 0, false, 0), "x", 0, Path::kStandard},
        Row{"ImpactAlone", Hints(kNone, 1, false, 0), "x", 0.4, Path::kStandard},
        Row{"OrderingAlone", Hints(kNone, 0, true, 0), "x", 0.3, Path::kStandard},
        Row{"TypeAlone", Hints(kNone, 0, false, 0), "paid", 0.1, Path::kStandard},
        Row{"TypeWeightIsCapped", Hints(kNone, 0, false, 0), "odd", 0.1, Path::kStandard},
        Row{"ImpactAndOrdering", Hints(kNone, 1, true, 0), "x", 0.7, Path::kCritical},
        Row{"JustBelow", Hints(kNone, 0.74, true, 0), "x", 0.596, Path::kStandard},
        Row{"JustAbove", Hints(kNone, 0.76, true, 0), "x", 0.604, Path::kCritical},
        Row{"MediumAbove", Hints(kMedium, 1, true, 0), "x", 0.7, Path::kCritical},
        Row{"MediumBelow", Hints(kMedium, 0.5, true, 0), "x", 0.5, Path::kStandard},
        Row{"HighWithoutAScore", Hints(kHigh, 0, false, 0), "x", 0, Path::kCritical},
        Row{"LowWithAFullScore", Hints(kLow, 1, true, 0), "paid", 0.8, Path::kStandard},
        Row{"LowButUrgent", Hints(kLow, 0, false, 999), "x", 0.2 * 100 / 999, Path::kCritical},
        Row{"Latency999", Hints(kNone, 0, false, 999), "x", 0.2 * 100 / 999, Path::kCritical},
        Row{"Latency1000", Hints(kNone, 0, false, 1000), "x", 0.02, Path::kStandard},
        Row{"Latency1", Hints(kNone, 0, false, 1), "x", 0.2, Path::kCritical},
        Row{"LatencyMax", Hints(kNone, 0, false, UINT32_MAX), "x", 20.0 / UINT32_MAX,
            Path::kStandard},
        Row{"All", Hints(kNone, 1, true, 100), "paid", 1, Path::kCritical},
        Row{"ImpactTooLarge", Hints(kNone, 9, false, 0), "x", 0.4, Path::kStandard},
        Row{"ImpactNegative", Hints(kNone, -1, true, 0), "x", 0.3, Path::kStandard},
        Row{"ImpactNotANumber", Hints(kNone, std::nan(""), true, 0), "x", 0.3, Path::kStandard}),
    [](const auto& test) { return test.param.name; });

// The threshold itself is not above the threshold.
TEST(CriticalityRulesTest, AScoreAtTheThresholdIsNotCritical) {
  CriticalityRules rules;
  rules.business_impact_weight = 0.5;
  rules.threshold = 0.5;
  RecordedEvent event;
  event.routing.business_impact = 1;
  EXPECT_EQ(Judge(rules, event).path, Path::kStandard);
  event.routing.business_impact = std::nextafter(1.0, 0.0);
  rules.threshold = std::nextafter(0.5, 0.0) / 2;
  EXPECT_EQ(Judge(rules, event).path, Path::kCritical);
}

TEST(CriticalityRulesTest, AnOrderedCategoryGoesOnePathWhole) {
  CriticalityRules rules;
  rules.ordered_categories = {{"order", Path::kStandard}, {"payment", Path::kCritical}};
  RecordedEvent urgent;
  urgent.stream = "order-1";
  urgent.routing = Hints(kHigh, 1, true, 10);
  EXPECT_EQ(Judge(rules, urgent).path, Path::kStandard);
  RecordedEvent idle;
  idle.stream = "payment-1";
  EXPECT_EQ(Judge(rules, idle).path, Path::kCritical);
  idle.stream = "payments-1";
  EXPECT_EQ(Judge(rules, idle).path, Path::kStandard);
}

TEST(CriticalityRulesTest, RefusesSharesOutsideOfZeroToOne) {
  EXPECT_TRUE(CheckRules(CriticalityRules()).ok());
  CriticalityRules rules;
  rules.threshold = 1.1;
  EXPECT_FALSE(CheckRules(rules).ok());
  rules = CriticalityRules();
  rules.latency_weight = -0.1;
  EXPECT_FALSE(CheckRules(rules).ok());
  rules = CriticalityRules();
  rules.ordering_weight = std::nan("");
  EXPECT_FALSE(CheckRules(rules).ok());
  EXPECT_FALSE(CheckRules(Rules()).ok()) << "a type weight of 7";
}

}  // namespace
}  // namespace nexus::route
