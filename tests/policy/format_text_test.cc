#include "policy/wasm/format_text.h"

#include <gtest/gtest.h>

#include <string>

namespace nexus::policy {
namespace {

// As OPA 1.22 says them; differential_test.cc asks it again about others.
std::string Format(const std::string& format, const std::string& arguments) {
  return FormatText(format, ParseRegoValue(arguments)->items).value_or("too large");
}

TEST(FormatText, WritesNumbers) {
  EXPECT_EQ(Format("%d %5d|%-5d|%05d|%+d|%x|%X|%o|%b", "[1, 2, 3, -4, 5, 255, 255, 8, 5]"),
            "1     2|3    |-0004|+5|ff|FF|10|101");
  EXPECT_EQ(Format("%v %v %v", "[1.5, 1000000.5, 1e21]"), "1.5 1.0000005e+06 1e+21");
  EXPECT_EQ(Format("%.2f|%8.3f|%e|%g", "[1.005, 2.5, 12345.5, 0.00001]"),
            "1.00|   2.500|1.234550e+04|1e-05");
  EXPECT_EQ(Format("%d", "[123456789012345678901234567890]"), "123456789012345678901234567890");
}

TEST(FormatText, WritesTextAndValues) {
  EXPECT_EQ(Format("%s|%q|%5s|%-5s|%.2s", R"(["a", "b\"c", "d", "e", "fgh"])"),
            "a|\"b\\\"c\"|    d|e    |fg");
  EXPECT_EQ(Format("%v %s %v", R"([{"a": [1, {2}]}, true, null])"), "{\"a\": [1, {2}]} true null");
  EXPECT_EQ(Format("100%%", "[]"), "100%");
}

TEST(FormatText, SaysWhatDoesNotFit) {
  EXPECT_EQ(Format("%d", R"(["a"])"), "%!d(string=a)");
  EXPECT_EQ(Format("%s", "[5]"), "%!s(int64=5)");
  EXPECT_EQ(Format("%d", "[1.5]"), "%!d(float64=1.5)");
  EXPECT_EQ(Format("%d %d", "[1]"), "1 %!d(MISSING)");
  EXPECT_EQ(Format("%d", "[1, 2, \"x\"]"), "1%!(EXTRA int64=2, string=x)");
  EXPECT_EQ(Format("%", "[]"), "%!(NOVERB)");
  EXPECT_EQ(Format("%[3]d", "[1]"), "%!d(BADINDEX)");
}

TEST(FormatText, TakesArgumentsByTheirNumber) {
  EXPECT_EQ(Format("%[2]d %[1]d", "[1, 2]"), "2 1");
  EXPECT_EQ(Format("%*d|%.*f", "[4, 1, 1, 2.55]"), "   1|2.5");
}

TEST(FormatText, BoundsItsWidths) { EXPECT_EQ(Format("%99999999999d", "[1]").size(), 10'000); }

// Nine bytes of a format ask for ten thousand.
TEST(FormatText, HasABound) {
  std::string format;
  for (int i = 0; i < 1'000; ++i) format += "%[1]9999d";
  EXPECT_EQ(Format(format, "[1]"), "too large");
  EXPECT_EQ(Format(format.substr(0, 900), "[1]").size(), 999'900u);
}

}  // namespace
}  // namespace nexus::policy
