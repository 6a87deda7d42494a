// The model against figures that were computed by hand.

#include "cost/bill.h"

#include <limits>
#include <random>

#include "cost/made_prices.h"
#include "gmock/gmock.h"

namespace nexus::cost {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<std::string> Amounts(const Bill& bill) {
  std::vector<std::string> amounts;
  for (const BillLine& line : bill.lines) amounts.push_back(ExactText(line.amount));
  return amounts;
}

TEST(Bill, OfAStreamIsShardHoursAndPutUnits) {
  const Bill bill = BillFor(SmallPrices(), "stream", kSmallLoad);
  EXPECT_EQ(bill.units, 1u);
  EXPECT_THAT(Amounts(bill), testing::ElementsAre("10.950000", "1.400000"));
  EXPECT_EQ(CentsText(bill.total()), "12.35");
  EXPECT_EQ(bill.marginal_per_million().micros, 14'000);
  EXPECT_EQ(bill.amortised_per_million().micros, 123'500);
}

TEST(Bill, OfAQueueForTheSameIsMore) {
  const Bill bill = BillFor(SmallPrices(), "queue", kSmallLoad);
  EXPECT_THAT(Amounts(bill), testing::ElementsAre("50.000000", "8.000000"));
  EXPECT_EQ(CentsText(bill.total()), "58.00");
  EXPECT_EQ(bill.fixed, Money());
}

TEST(Bill, ShardsFollowEventsBytesAndReaders) {
  const PriceList prices = SmallPrices();
  EXPECT_EQ(BillFor(prices, "stream", {1, 100, 1'001}).units, 2u);
  EXPECT_EQ(BillFor(prices, "stream", {1, 1'048'576, 3}).units, 3u);
  Assumptions four;
  four.consumers = 4;  // 4 MiB/s are read of each MiB/s that is written
  EXPECT_EQ(BillFor(prices, "stream", {1, 1'048'576, 3}, four).units, 6u);
}

TEST(Bill, PutUnitsAreRoundedUpByEvent) {
  EXPECT_EQ(BillFor(SmallPrices(), "stream", {1'000'000, 25'601, 1}).lines[1].amount.micros,
            28'000);
}

TEST(Bill, OfLargeMessagesCountsTheBytesOfABatch) {
  // A million of 32 KiB: ten are 320 KiB, five pieces to receive, one request to delete.
  const Bill bill = BillFor(SmallPrices(), "queue", {1'000'000, 32'768, 1});
  EXPECT_THAT(Amounts(bill), testing::ElementsAre("0.500000", "0.240000"));
}

TEST(Bill, OfMachinesIsNodesDiskAndZones) {
  // 1 GiB an hour for 730 hours; kept for 73 h in 3 copies: 219 GB-months. Two copies and half of
  // one consumer cross zones, out and in: 730 * 2.5 * 2 GB.
  constexpr uint64_t kGiB = 1 << 30;
  const Workload load{730 * 1'024, kGiB / 1'024, 1};
  const Bill bill = BillFor(SmallPrices(), "machines", load);
  EXPECT_EQ(bill.units, 3u);
  EXPECT_THAT(Amounts(bill), testing::ElementsAre("219.000000", "17.520000", "36.500000"));
  Assumptions half;
  half.compressed_millionths = 500'000;
  EXPECT_THAT(Amounts(BillFor(SmallPrices(), "machines", load, half)),
              testing::ElementsAre("219.000000", "8.760000", "18.250000"));
}

TEST(Bill, NodesFollowThePeak) {
  EXPECT_EQ(BillFor(SmallPrices(), "machines", {1, 10, 15'000}).units, 3u);
  EXPECT_EQ(BillFor(SmallPrices(), "machines", {1, 10, 15'001}).units, 4u);
  EXPECT_EQ(BillFor(SmallPrices(), "machines", {1, 10'000'000, 7}).units, 7u);
}

TEST(Bill, CountsWhatIsSentAgain) {
  Assumptions twice;
  twice.duplicate_millionths = 1'000'000;
  const Bill bill = BillFor(SmallPrices(), "queue", kSmallLoad, twice);
  EXPECT_EQ(CentsText(bill.total()), "116.00");
  EXPECT_EQ(bill.events, kSmallLoad.events) << "per event that arrives";
}

TEST(Bill, OfTheShippedCloudsIsAsComputedByHand) {
  const PriceList prices = ShippedPrices();
  // 100 M records of 1 KiB are 95.367 GiB: 7.629 in, 3.815 out, 29.20 for the stream.
  EXPECT_THAT(Amounts(BillFor(prices, "kinesis-on-demand", kSmallLoad)),
              testing::ElementsAre("29.200000", "7.629395", "3.814697"));
  // 104.4e9 bytes with the time of each: 0.09495 TiB, out and in.
  EXPECT_THAT(Amounts(BillFor(prices, "pubsub", kSmallLoad)),
              testing::ElementsAre("3.798050", "3.798050"));
  EXPECT_THAT(Amounts(BillFor(prices, "event-hubs", kSmallLoad)),
              testing::ElementsAre("21.900000", "2.800000"));
}

TEST(Bill, OfPubSubHasALeastSizeForRequests) {
  Assumptions alone;
  alone.batch = 1;
  const Bill bill = BillFor(ShippedPrices(), "pubsub", {1'000'000, 100, 1}, alone);
  // 1e9 bytes, not 1.2e8.
  EXPECT_EQ(ExactText(bill.lines[0].amount), "0.036380");
}

TEST(Bill, SaysWhatAServiceCannotTake) {
  const Bill bill = BillFor(ShippedPrices(), "event-hubs", {1, 1, 50'000});
  EXPECT_EQ(bill.units, 50u);
  EXPECT_THAT(bill.note, HasSubstr("at most 40 throughput units, and the peak needs 50"));
  EXPECT_EQ(BillFor(ShippedPrices(), "event-hubs", {1, 1, 40'000}).note, "");
}

TEST(Bill, OfWhatHasNoPriceIsNotNothing) {
  const Bill bill = BillFor(SmallPrices(), "hook", kSmallLoad);
  EXPECT_FALSE(bill.priced);
  EXPECT_EQ(bill.note, "nobody knows");
  EXPECT_THAT(bill.lines, SizeIs(0));
}

TEST(Bill, WithoutEventsIsTheFixedPart) {
  const Bill bill = BillFor(SmallPrices(), "machines", {0, 1'024, 0});
  EXPECT_EQ(CentsText(bill.fixed), "219.00");
  EXPECT_EQ(bill.variable, Money());
  EXPECT_EQ(bill.amortised_per_million(), Money());
  EXPECT_EQ(BillFor(SmallPrices(), "queue", {0, 1'024, 0}).total(), Money());
}

TEST(Bill, OfHugeNumbersIsAnError) {
  const PriceList prices = ShippedPrices();
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  for (const auto& [name, service] : prices.services) {
    if (service.kind == ServiceKind::kUnpriced) continue;
    for (const Workload& load : {Workload{kMost, kMost, kMost}, Workload{kMost, 1, 1},
                                 Workload{2'000'000'000'000'000, 1, 1}}) {
      const auto bill = BillOf(service, UsageOf(load, 1'000, PieceSizes(prices)), {});
      EXPECT_FALSE(bill.ok()) << name;
    }
  }
}

TEST(Bill, TotalIsTheSumOfItsLinesForAnything) {
  const PriceList prices = ShippedPrices();
  std::mt19937_64 random(11);
  for (int round = 0; round < 150; ++round) {
    const Workload load{random() >> (20 + random() % 44), random() >> (44 + random() % 20),
                        random() >> (44 + random() % 20)};
    Assumptions assumed;
    assumed.seconds = random() % 100'000'000;
    assumed.duplicate_millionths = random() % 2'000'000;
    assumed.compressed_millionths = 1 + random() % 1'000'000;
    assumed.consumers = 1 + random() % 10;
    assumed.batch = 1 + random() % 100;
    for (const auto& [name, service] : prices.services) {
      const auto bill = BillOf(service, UsageOf(load, 1'000, PieceSizes(prices)), assumed);
      if (!bill.ok()) continue;
      Money sum;
      for (const BillLine& line : bill->lines) {
        EXPECT_GE(line.amount, Money());
        sum += line.amount;
      }
      EXPECT_EQ(sum, bill->total()) << name;
    }
  }
}

}  // namespace
}  // namespace nexus::cost
