#include "cost/mix.h"

#include "cost/made_prices.h"
#include "gmock/gmock.h"

namespace nexus::cost {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

CostCurve Curve(const PriceList& prices, const std::string& service, const Workload& load) {
  const auto curve = CostCurve::Of(*prices.Find(service), load, {});
  EXPECT_TRUE(curve.ok()) << curve.status();
  return curve.value_or(CostCurve());
}

MixFindings Find(const PriceList& prices, const std::string& critical, const std::string& standard,
                 const Workload& load, int64_t target) {
  return FindMixes(Curve(prices, critical, load), Curve(prices, standard, load), target);
}

TEST(Mix, AQueueBesideAStreamNeverPays) {
  const MixFindings found = Find(SmallPrices(), "stream", "queue", kSmallLoad, 7'300);
  EXPECT_EQ(CentsText(found.all_critical), "12.35");
  EXPECT_THAT(found.saves, IsEmpty());
  EXPECT_THAT(found.reaches, IsEmpty());
  EXPECT_EQ(found.best_permille, 1'000u) << "the loss is least where nothing goes that way";
  EXPECT_EQ(found.best_saving, Money());
}

TEST(Mix, AStreamBesideAQueuePaysFromWhereItsShardIsPaidFor) {
  // All in the queue: 58. At a part s of critical: 58 s + 10.95 + 1.40 (1 - s).
  const MixFindings found = Find(SmallPrices(), "queue", "stream", kSmallLoad, 7'300);
  // 58 (1 - s) > 12.35 - 1.40 s, so s < 0.8065; and 0.27 * 58 = 15.66 >= 12.35 + 56.6 s.
  EXPECT_THAT(found.saves, ElementsAre(MixRange{0, 806}));
  EXPECT_THAT(found.reaches, ElementsAre(MixRange{0, 58}));
  EXPECT_EQ(found.best_permille, 0u);
  EXPECT_EQ(CentsText(found.best_saving), "45.65");
}

TEST(Mix, WhatAServiceCannotTakeSavesNothing) {
  const PriceList prices = ShippedPrices();
  const Workload load{100'000'000'000, 1'024, 60'000};
  const MixFindings found = Find(prices, "sns-sqs", "event-hubs", load, 100);
  // Event Hubs takes 40,000 events/s: two thirds. Of bytes 40 MB/s, which is less.
  ASSERT_FALSE(found.saves.empty());
  EXPECT_EQ(found.saves[0].from, 349u);
}

TEST(Mix, RangesReadAsText) {
  EXPECT_EQ(MixText({}), "no mix");
  EXPECT_EQ(MixText({{0, 613}, {700, 700}}), "0.0 % to 61.3 %, 70.0 %");
  EXPECT_EQ(MixText({{1, 1}, {3, 3}, {5, 5}, {7, 7}, {9, 9}}), "0.1 %, 0.3 %, 0.5 % and 2 more");
}

TEST(Mix, EachRangeIsWhereTheSavingIs) {
  const PriceList prices = ShippedPrices();
  const Workload load{2'628'000'000, 900, 4'321};
  for (const char* critical : {"kinesis", "kafka", "sns-sqs", "pubsub"}) {
    for (const char* standard : {"rabbitmq", "nats", "event-hubs", "files"}) {
      const CostCurve one = Curve(prices, critical, load);
      const CostCurve other = Curve(prices, standard, load);
      const MixFindings found = FindMixes(one, other, 5'000);
      for (uint64_t permille = 0; permille <= 1'000; ++permille) {
        bool inside = false;
        for (const MixRange& range : found.reaches) {
          inside = inside || (permille >= range.from && permille <= range.to);
        }
        const Money cost = one.at(permille) + other.at(1'000 - permille);
        EXPECT_EQ(inside, 2 * cost.micros <= one.at(1'000).micros) << critical << standard;
      }
    }
  }
}

}  // namespace
}  // namespace nexus::cost
