#include "nexus/core/stream_name.h"

#include <string>

#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus {
namespace {

ErrorReason WhyNot(absl::string_view name) {
  const auto parsed = StreamName::Parse(name);
  return parsed.ok() ? ErrorReason::kUnspecified : ReasonOf(parsed.status());
}

TEST(StreamName, KeepsItsText) { EXPECT_EQ(StreamName::Parse("order-42")->str(), "order-42"); }

TEST(StreamName, TakesTheCategoryBeforeTheFirstDash) {
  EXPECT_EQ(StreamName::CategoryOf("order-42"), "order");
  EXPECT_EQ(StreamName::CategoryOf("order-42-7"), "order");
  EXPECT_EQ(StreamName::CategoryOf("-42"), "");
}

TEST(StreamName, IsItsOwnCategoryWithoutADash) {
  EXPECT_EQ(StreamName::Parse("inbox")->category(), "inbox");
}

TEST(StreamName, BelongsToTheServerWithADollar) {
  EXPECT_TRUE(StreamName::Parse("$schemas")->is_system());
  EXPECT_FALSE(StreamName::Parse("a$")->is_system());
  EXPECT_FALSE(StreamName().is_system());
}

TEST(StreamName, RefusesAnEmptyName) { EXPECT_EQ(WhyNot(""), ErrorReason::kMalformedName); }

TEST(StreamName, TakesAtMost255Bytes) {
  EXPECT_EQ(WhyNot(std::string(255, 'a')), ErrorReason::kUnspecified);
  EXPECT_EQ(WhyNot(std::string(256, 'a')), ErrorReason::kMalformedName);
  EXPECT_EQ(WhyNot(std::string(10'000'000, 'a')), ErrorReason::kMalformedName);
}

TEST(StreamName, CountsBytesNotCharacters) {
  std::string name;
  for (int i = 0; i < 128; ++i) name += "\u00fc";
  EXPECT_EQ(WhyNot(name), ErrorReason::kMalformedName);
}

TEST(StreamName, RefusesControlCharacters) {
  EXPECT_EQ(WhyNot("a\nb"), ErrorReason::kMalformedName);
  EXPECT_EQ(WhyNot(absl::string_view("a\0b", 3)), ErrorReason::kMalformedName);
}

TEST(StreamName, RefusesWhatIsNotUtf8AndSaysWhere) {
  const auto parsed = StreamName::Parse("ab\xFF");
  EXPECT_EQ(ReasonOf(parsed.status()), ErrorReason::kInvalidUtf8);
  EXPECT_NE(parsed.status().message().find("byte 2"), absl::string_view::npos);
}

TEST(StreamName, TakesUnicode) { EXPECT_EQ(WhyNot("\u6ce8\u6587-1"), ErrorReason::kUnspecified); }

TEST(StreamName, OrdersByBytes) {
  EXPECT_LT(StreamName::Literal("a-1"), StreamName::Literal("a-2"));
}

TEST(StreamNameDeathTest, EndsTheProcessForABadLiteral) {
  EXPECT_DEATH(StreamName::Literal(""), "");
}

}  // namespace
}  // namespace nexus
