#include "route/learned/quality.h"

#include <cmath>
#include <random>

#include "gtest/gtest.h"

namespace nexus::route::learned {
namespace {

TEST(Quality, CountsWhatAThresholdMakesOfEvents) {
  const std::vector<Judged> events = {{0.9, true}, {0.8, true},  {0.7, false},
                                      {0.6, true}, {0.3, false}, {0.1, false}};
  const Confusion confusion = ConfusionAt(0.6, events);
  EXPECT_EQ(confusion, (Confusion{2, 1, 2, 1})) << "a score equal to the threshold is not above it";
  EXPECT_DOUBLE_EQ(confusion.Accuracy(), 4.0 / 6);
  EXPECT_DOUBLE_EQ(*confusion.Precision(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(*confusion.Recall(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(*confusion.F1(), 2.0 / 3);
}

TEST(Quality, SaysNothingWhereItWouldDivideByZero) {
  const Quality quality = Measure(0.5, {{0.1, false}, {0.2, false}});
  EXPECT_FALSE(quality.confusion.Precision().has_value());
  EXPECT_FALSE(quality.confusion.Recall().has_value());
  EXPECT_FALSE(quality.confusion.F1().has_value());
  EXPECT_FALSE(quality.auc.has_value());
  EXPECT_EQ(quality.confusion.Accuracy(), 1);
}

// Against all pairs, one by one.
TEST(Quality, AreaUnderTheCurveCountsPairs) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 20; ++round) {
    std::vector<Judged> events;
    for (int i = 0; i < 60; ++i) {
      events.push_back({static_cast<double>(random() % 10) / 10, random() % 3 == 0});
    }
    double pairs = 0;
    double won = 0;
    for (const Judged& a : events) {
      for (const Judged& b : events) {
        if (!a.critical || b.critical) continue;
        pairs += 1;
        won += a.score > b.score ? 1 : a.score == b.score ? 0.5 : 0;
      }
    }
    EXPECT_NEAR(*Measure(0.5, events).auc, won / pairs, 1e-12);
  }
}

TEST(Quality, LossAndBrierAreMeans) {
  const Quality quality = Measure(0.5, {{0.8, true}, {0.4, false}});
  EXPECT_NEAR(quality.log_loss, -(std::log(0.8) + std::log(0.6)) / 2, 1e-12);
  EXPECT_NEAR(quality.brier, (0.04 + 0.16) / 2, 1e-12);
  EXPECT_NEAR(Measure(0.5, {{0, true}}).log_loss, -std::log(1e-9), 1e-6) << "finite";
}

TEST(Quality, CalibrationIsTheDistanceOfScoreAndShare) {
  std::vector<Judged> events;
  for (int i = 0; i < 10; ++i) events.push_back({0.25, i < 2});  // 0.05 too much
  for (int i = 0; i < 30; ++i) events.push_back({1.0, i < 27});  // 0.1 too much
  const Quality quality = Measure(0.5, events);
  EXPECT_EQ(quality.bins[2].events, 10u);
  EXPECT_DOUBLE_EQ(quality.bins[2].critical_share, 0.2);
  EXPECT_EQ(quality.bins[9].events, 30u);
  EXPECT_NEAR(quality.calibration, 0.25 * 0.05 + 0.75 * 0.1, 1e-12);
}

}  // namespace
}  // namespace nexus::route::learned
