#include "cost/money.h"

#include <limits>
#include <numeric>
#include <random>

#include "gmock/gmock.h"

namespace nexus::cost {
namespace {

using ::testing::HasSubstr;

Money Amount(const char* price, uint64_t per, Quantity quantity) {
  const auto pico = ParsePico(price);
  EXPECT_TRUE(pico.ok()) << pico.status();
  const auto amount = AmountOf({pico.value_or(0), per}, quantity);
  EXPECT_TRUE(amount.ok()) << amount.status();
  return amount.value_or(Money{-1});
}

TEST(Price, IsAnExactDecimal) {
  EXPECT_EQ(*ParsePico("0.015"), 15'000'000'000u);
  EXPECT_EQ(*ParsePico("40"), 40 * kPicoPerUnit);
  EXPECT_EQ(*ParsePico("0.000000000001"), 1u);
  EXPECT_EQ(*ParsePico("999999.999999999999"), 999'999'999'999'999'999u);
}

TEST(Price, OfAnotherFormIsRefused) {
  for (const char* text : {"", ".", "1.", ".5", "1,5", "1e3", "0x1", "nan", "inf", " 1", "1 ", "+1",
                           "1000000", "99999999999999999999999"}) {
    EXPECT_FALSE(ParsePico(text).ok()) << text;
  }
  EXPECT_THAT(ParsePico("-0.5").status().message(), HasSubstr("negative"));
  EXPECT_THAT(ParsePico("0.0000000000001").status().message(), HasSubstr("decimal places"));
}

TEST(Amount, IsRoundedOnceHalfToEven) {
  // 2.5 and 3.5 millionths.
  EXPECT_EQ(Amount("0.0000025", 1, Quantity(1)).micros, 2);
  EXPECT_EQ(Amount("0.0000035", 1, Quantity(1)).micros, 4);
  EXPECT_EQ(Amount("0.000002500001", 1, Quantity(1)).micros, 3);
  // A third of a unit three times is not a unit, but one amount for three is.
  EXPECT_EQ(Amount("1", 3, Quantity(1)).micros, 333'333);
  EXPECT_EQ(Amount("1", 3, Quantity(3)).micros, 1'000'000);
}

TEST(Amount, DoesNotDriftOverManyEvents) {
  // 10^12 times 1.4e-8, which no binary fraction is.
  EXPECT_EQ(Amount("0.014", 1'000'000, Quantity(1'000'000'000'000)).micros, 14'000'000'000);
}

TEST(Amount, TooLargeIsAnErrorNotAWrongNumber) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  EXPECT_FALSE(AmountOf({kPicoPerUnit, 1}, Quantity(1'000'000'001)).ok());
  EXPECT_TRUE(AmountOf({kPicoPerUnit, 1}, Quantity(1'000'000'000)).ok());
  EXPECT_FALSE(AmountOf({kMost, 1}, Quantity(kMost).Times(kMost).Times(kMost)).ok());
  EXPECT_FALSE(AmountOf({1, kMost}, Quantity(1).Over(kMost).Over(kMost)).ok());
}

TEST(Scale, RoundsUpAndEndsAtTheLargest) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  EXPECT_EQ(ScaledUp(10, 1, 3), 4u);
  EXPECT_EQ(ScaledUp(9, 1, 3), 3u);
  EXPECT_EQ(ScaledUp(0, 5, 3), 0u);
  EXPECT_EQ(ScaledUp(kMost, 2, 1), kMost);
  EXPECT_EQ(ScaledUp(kMost, kMost, kMost), kMost);
}

TEST(Split, PartsAddUpWhateverTheWeights) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 1'000; ++round) {
    const Money amount{static_cast<int64_t>(random() % 2'000'000'000) - 1'000'000'000};
    std::vector<uint64_t> weights(1 + random() % 7);
    for (uint64_t& weight : weights) weight = random() >> (random() % 64);
    const std::vector<Money> parts = Split(amount, weights);
    EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), Money()), amount);
    for (const Money part : parts) EXPECT_EQ(part.micros < 0 && amount.micros > 0, false);
  }
}

TEST(Split, FollowsTheWeights) {
  EXPECT_THAT(Split({1'000}, {1, 3}), testing::ElementsAre(Money{250}, Money{750}));
  EXPECT_THAT(Split({1'000}, {0, 0}), testing::ElementsAre(Money{500}, Money{500}));
  EXPECT_THAT(Split({-1'000}, {0, 5}), testing::ElementsAre(Money{0}, Money{-1'000}));
  EXPECT_THAT(Split({5}, {}), testing::IsEmpty());
}

TEST(Text, ShowsCentsAndAllPlaces) {
  EXPECT_EQ(CentsText({12'350'000}), "12.35");
  EXPECT_EQ(CentsText({1'234'567'890'123}), "1,234,567.89");
  EXPECT_EQ(CentsText({-45'650'000}), "-45.65");
  EXPECT_EQ(CentsText({-1}), "0.00");
  EXPECT_EQ(CentsText({5'000}), "0.00");
  EXPECT_EQ(CentsText({15'000}), "0.02");
  EXPECT_EQ(ExactText({-1}), "-0.000001");
  EXPECT_EQ(ExactText({12'350'000}), "12.350000");
  EXPECT_EQ(PercentText(-36'963), "-369.63 %");
  EXPECT_EQ(PercentText(7'300), "73.00 %");
  EXPECT_EQ(GroupedText(0), "0");
  EXPECT_EQ(GroupedText(999), "999");
  EXPECT_EQ(GroupedText(26'280'000'000), "26,280,000,000");
}

TEST(PerMillion, IsOfNothingNothing) {
  EXPECT_EQ(PerMillion({5'000'000}, 0), Money());
  EXPECT_EQ(PerMillion({1'400'000}, 100'000'000).micros, 14'000);
  EXPECT_EQ(BasisPoints({5}, {}), 0);
}

}  // namespace
}  // namespace nexus::cost
