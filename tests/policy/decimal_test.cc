#include "policy/wasm/decimal.h"

#include <gtest/gtest.h>

namespace nexus::policy {
namespace {

TEST(Decimal, MultipliesExactly) {
  EXPECT_EQ(IntegerPart(Multiply(*ParseDecimal("1.5"), 1024)), "1536");
  EXPECT_EQ(IntegerPart(Multiply(*ParseDecimal("99999999999999999999"), 1ULL << 60)),
            "115292150460684697598847078495393153024");
  EXPECT_EQ(IntegerPart(Multiply(*ParseDecimal("0"), 7)), "0");
}

TEST(Decimal, KnowsIntegers) {
  EXPECT_TRUE(IsInteger(*ParseDecimal("10.00")));
  EXPECT_TRUE(IsInteger(*ParseDecimal("1.5e1")));
  EXPECT_TRUE(IsInteger(*ParseDecimal("0.0")));
  EXPECT_FALSE(IsInteger(*ParseDecimal("1.5")));
  EXPECT_FALSE(IsInteger(*ParseDecimal(".5")));
}

TEST(Decimal, RoundsToPlaces) {
  EXPECT_EQ(FixedPoint(*ParseDecimal("0.00000000005"), 10), "0.0000000001");
  EXPECT_EQ(FixedPoint(*ParseDecimal("0.00000000004"), 10), "0.0000000000");
  EXPECT_EQ(FixedPoint(*ParseDecimal("9.99999999999"), 10), "10.0000000000");
  EXPECT_EQ(FixedPoint(*ParseDecimal("12"), 3), "12.000");
}

TEST(Decimal, RefusesWhatIsNoNumber) {
  for (const char* text : {"", ".", "-1", "1.2.3", "1e", "1e9999", "x"}) {
    EXPECT_FALSE(ParseDecimal(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace nexus::policy
