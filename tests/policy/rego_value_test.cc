#include "policy/wasm/rego_value.h"

#include <gtest/gtest.h>

#include <string>

namespace nexus::policy {
namespace {

using Kind = RegoValue::Kind;

TEST(RegoValue, IsReadAsItIsPrinted) {
  for (const std::string text :
       {"null", "true", "false", "0", "-1.50", "1e+20", "\"\"", "\"a\\\"b\\\\\\n\"", "[]", "{}",
        "set()", "{1}", "{1, [2, {\"a\": {3}}]}", "{\"a\": 1, [2]: {}, {3}: set()}"}) {
    const absl::StatusOr<RegoValue> value = ParseRegoValue(text);
    ASSERT_TRUE(value.ok()) << text;
    EXPECT_EQ(PrintRegoValue(*value), text);
  }
}

TEST(RegoValue, TellsSetsFromObjects) {
  EXPECT_EQ(ParseRegoValue("{1, 2}")->kind, Kind::kSet);
  EXPECT_EQ(ParseRegoValue("{1: 2}")->kind, Kind::kObject);
  EXPECT_EQ(ParseRegoValue("{}")->kind, Kind::kObject);
  EXPECT_FALSE(ParseRegoValue("{1: 2, 3}").ok());
  EXPECT_FALSE(ParseRegoValue("{1, 2: 3}").ok());
}

TEST(RegoValue, ReadsEscapes) {
  EXPECT_EQ(ParseRegoValue(R"("\u00e4\ud83d\ude00\t")")->text, "\xc3\xa4\xf0\x9f\x98\x80\t");
}

TEST(RegoValue, RefusesOtherText) {
  for (const std::string text :
       {"", "nul", "[1", "[1,]", "{", "\"a", "\"\\x\"", "\"\\u12\"", "1 2"}) {
    EXPECT_FALSE(ParseRegoValue(text).ok()) << text;
  }
}

TEST(RegoValue, RefusesWhatIsTooDeep) {
  EXPECT_TRUE(ParseRegoValue(std::string(200, '[') + std::string(200, ']')).ok());
  EXPECT_FALSE(ParseRegoValue(std::string(100'000, '[')).ok());
}

// They would have no place in the order of numbers, which sets are sorted by.
TEST(RegoValue, RefusesWhatIsNoNumber) {
  for (const char* text : {"5-", "1e", "--1", "1.2.3", "{1, 5-}", "+", "e"}) {
    EXPECT_FALSE(ParseRegoValue(text).ok()) << text;
  }
  EXPECT_TRUE(ParseRegoValue("{-1, 2.5, 1e21, 1E-3}").ok());
}

}  // namespace
}  // namespace nexus::policy
