#include "cost/comparison.h"

#include <limits>
#include <numeric>
#include <random>

#include "cost/made_prices.h"
#include "cost/usage_meter.h"
#include "gmock/gmock.h"

namespace nexus::cost {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Usage Part(uint64_t permille) { return UsageOf(kSmallLoad, permille, PieceSizes(SmallPrices())); }

// Critical events to the first service, the others to the second.
RoutedUsage Mixed(uint64_t permille, const std::string& critical, const std::string& standard) {
  RoutedUsage usage;
  usage.routes = {{"critical", critical, Part(permille)},
                  {"standard", standard, Part(1'000 - permille)}};
  for (const auto& route : usage.routes) {
    if (!route.service.empty()) usage.services[route.service] = route.usage;
  }
  usage.all = Part(1'000);
  return usage;
}

Comparison Compared(const RoutedUsage& usage, const std::string& critical) {
  const auto comparison = Compare(SmallPrices(), usage, critical, {});
  EXPECT_TRUE(comparison.ok()) << comparison.status();
  return comparison.value_or(Comparison());
}

TEST(Comparison, SaysThatAQueueCostsMoreThanAStream) {
  const Comparison found = Compared(Mixed(0, "stream", "queue"), "stream");
  EXPECT_EQ(CentsText(found.all_critical.total()), "12.35");
  // The queue's 58, and the shard that is still there.
  EXPECT_EQ(CentsText(found.actual), "68.95");
  EXPECT_EQ(CentsText(found.saving_resized), "-56.60");
  EXPECT_EQ(CentsText(found.saving_now), "-56.60");
  EXPECT_THAT(found.Verdict(), HasSubstr("56.60 (458.29 %) MORE"));
}

TEST(Comparison, TellsWhatIsSavedNowFromWhatIsSavedAfterResizing) {
  // A peak of 12,000/s needs 3 machines at least and 12 shards; a tenth of it needs 2 shards.
  const Workload load{1'000'000'000, 1'024, 12'000};
  const std::set<uint64_t> sizes = PieceSizes(SmallPrices());
  RoutedUsage usage;
  usage.routes = {{"critical", "stream", UsageOf(load, 100, sizes)},
                  {"standard", "machines", UsageOf(load, 900, sizes)}};
  usage.services = {{"stream", UsageOf(load, 100, sizes)}, {"machines", UsageOf(load, 900, sizes)}};
  usage.all = UsageOf(load, 1'000, sizes);
  const Comparison found = Compared(usage, "stream");
  EXPECT_EQ(found.all_critical.units, 12u);
  EXPECT_EQ(found.bills[1].units, 2u);
  // Put units of nine tenths, less what those bytes cost on the machines.
  const Bill machines = found.bills[0];
  EXPECT_EQ(found.saving_now, (Money{12'600'000} - machines.variable));
  // And ten shards fewer, and three machines more.
  EXPECT_EQ(found.saving_resized - found.saving_now, (Money{109'500'000} - machines.fixed));
}

TEST(Comparison, WithASinkWithoutAPriceSaysNothingOfSavings) {
  for (const char* service : {"hook", ""}) {
    const Comparison found = Compared(Mixed(500, "stream", service), "stream");
    EXPECT_FALSE(found.comparable());
    EXPECT_THAT(found.unpriced, ElementsAre("standard"));
    EXPECT_EQ(found.saving_resized, Money());
    EXPECT_THAT(found.Verdict(), HasSubstr("not all sinks have a price (standard)"));
  }
  const Comparison other = Compared(Mixed(500, "stream", "queue"), "hook");
  EXPECT_FALSE(other.comparable());
  EXPECT_THAT(other.Verdict(), HasSubstr("hook has no price"));
}

TEST(Comparison, PartsOfRoutesAddUpToTheBills) {
  std::mt19937_64 random(3);
  const PriceList prices = SmallPrices();
  const std::set<uint64_t> sizes = PieceSizes(prices);
  const std::vector<std::string> services = {"stream", "queue", "machines"};
  for (int round = 0; round < 100; ++round) {
    std::map<std::string, UsageMeter> meters;
    RoutedUsage usage;
    for (int route = 0; route < 6; ++route) {
      const std::string& service = services[random() % services.size()];
      UsageMeter own(sizes);
      UsageMeter& shared = meters.try_emplace(service, sizes).first->second;
      for (uint64_t i = random() % 20; i > 0; --i) {
        const uint64_t bytes = random() % 100'000;
        own.Add({static_cast<int64_t>(i)}, bytes);
        shared.Add({static_cast<int64_t>(i)}, bytes);
      }
      const std::string name(1, static_cast<char>('a' + route));
      usage.routes.push_back({name, service, own.usage()});
    }
    for (const auto& [name, meter] : meters) usage.services[name] = meter.usage();
    const Comparison found = Compared(usage, "stream");
    Money routes, bills;
    for (const RouteCost& route : found.routes) routes += route.total();
    for (const Bill& bill : found.bills) bills += bill.total();
    EXPECT_EQ(routes, bills);
    EXPECT_EQ(bills, found.actual);
    EXPECT_EQ(found.all_critical.total() - found.actual, found.saving_resized);
  }
}

TEST(Comparison, OfNothingIsNothing) {
  const Comparison found = Compared(RoutedUsage(), "queue");
  EXPECT_EQ(found.actual, Money());
  EXPECT_THAT(found.Verdict(), HasSubstr("as much as"));
  EXPECT_FALSE(Compare(SmallPrices(), RoutedUsage(), "nowhere", {}).ok());
}

TEST(UsageMeter, FindsTheBusiestSecond) {
  UsageMeter meter({25'600});
  const int64_t start = 1'700'000'000'000'000;
  meter.Add({start}, 10);
  meter.Add({start + 999'999}, 10);
  meter.Add({start + 1'000'000}, 30'000);
  meter.Add({start + 5'000'000}, 10);
  EXPECT_EQ(meter.usage().events, 4u);
  EXPECT_EQ(meter.usage().bytes, 30'030u);
  EXPECT_EQ(meter.usage().peak_events, 2u);
  EXPECT_EQ(meter.usage().peak_bytes, 30'000u);
  EXPECT_EQ(meter.usage().pieces.at(25'600), 5u);
}

TEST(UsageMeter, AgreesWithAnEvenWorkload) {
  UsageMeter meter({1'024});
  for (int64_t i = 0; i < 1'000; ++i) meter.Add({i * 100'000}, 1'500);
  EXPECT_EQ(meter.usage(), UsageOf({1'000, 1'500, 10}, 1'000, {1'024}));
}

TEST(Usage, ProjectedKeepsItsPeak) {
  const Usage month = Projected(UsageOf({100, 50, 7}, 1'000, {25'600}), 60, 600);
  EXPECT_EQ(month.events, 1'000u);
  EXPECT_EQ(month.bytes, 50'000u);
  EXPECT_EQ(month.peak_events, 7u);
  EXPECT_EQ(month.pieces.at(25'600), 1'000u);
}

}  // namespace
}  // namespace nexus::cost
