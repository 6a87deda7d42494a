#include "policy/wasm/json_cursor.h"

#include <string>

#include "gtest/gtest.h"

namespace nexus::policy {
namespace {

// The first value of a text; "none" if it has none. What comes after must not matter.
std::string First(const std::string& text, const std::string& after = std::string(16, '"')) {
  const std::string padded = text + after;
  JsonCursor cursor({padded.data(), text.size()});
  std::string_view written;
  return cursor.Value(written) ? std::string(written) : "none";
}

TEST(JsonCursor, StepsOverWholeValues) {
  EXPECT_EQ(First(R"("a" ,1)"), R"("a")");
  EXPECT_EQ(First(R"(  {"a":[1,{"b":"]}"}]} ,1)"), R"({"a":[1,{"b":"]}"}]})");
  EXPECT_EQ(First("[[],[[]],{}] x"), "[[],[[]],{}]");
  EXPECT_EQ(First("-1.5e3,2"), "-1.5e3");
  EXPECT_EQ(First("true}"), "true");
  EXPECT_EQ(First("null"), "null");
}

TEST(JsonCursor, StepsOverEscapesOfEveryLengthAndPlace) {
  for (size_t before = 0; before < 40; ++before) {
    for (const std::string escape : {R"(\")", R"(\\)", R"(\\\")", R"(\u0022)", R"(\n)"}) {
      const std::string value = "\"" + std::string(before, 'x') + escape + "y\"";
      EXPECT_EQ(First(value + ",1"), value);
      EXPECT_EQ(First("[" + value + "],1"), "[" + value + "]");
    }
  }
}

TEST(JsonCursor, DoesNotLookBehindTheEnd) {
  for (const char* text :
       {"", " ", "\"", "\"a", "\"a\\", "\"\\\"", "{", "[", "{\"a\":[", "[\"a]"}) {
    for (const char* after :
         {"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"", "]]]]]]]]}}}}}}}}", "aaaaaaaaaaaaaaaa"}) {
      EXPECT_EQ(First(text, after), "none") << text;
    }
  }
}

TEST(JsonCursor, TellsWhatStandsBetweenQuotes) {
  const std::string text = R"( "a\"b" : 1)" + std::string(16, ' ');
  JsonCursor cursor(text);
  std::string_view written;
  ASSERT_TRUE(cursor.String(written));
  EXPECT_EQ(written, R"(a\"b)");
  EXPECT_FALSE(cursor.String(written));
  EXPECT_TRUE(cursor.Take(':'));
  EXPECT_FALSE(cursor.Take(':'));
  EXPECT_TRUE(cursor.Value(written));
  EXPECT_TRUE(cursor.AtEnd());
}

}  // namespace
}  // namespace nexus::policy
