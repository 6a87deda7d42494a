#include "nexus/core/json_text.h"

#include <string>

#include "gtest/gtest.h"

namespace nexus {
namespace {

TEST(JsonText, LeavesPlainTextAlone) {
  EXPECT_EQ(JsonString(""), "\"\"");
  EXPECT_EQ(JsonString("order-42"), "\"order-42\"");
  EXPECT_EQ(JsonString("Größe 😀"), "\"Größe 😀\"");
}

TEST(JsonText, EscapesWhatWouldEndAString) {
  EXPECT_EQ(JsonString("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(JsonString("\n\r\t"), R"("\n\r\t")");
}

TEST(JsonText, EscapesControlCharactersAndNul) {
  EXPECT_EQ(JsonString(absl::string_view("\0\x1f\x7f", 3)), R"("\u0000\u001f\u007f")");
}

TEST(JsonText, ReplacesEachByteThatIsNotUtf8) {
  EXPECT_EQ(JsonString("a\xff\xc3"), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(JsonString("\xc0\xaf\""), "\"\xEF\xBF\xBD\xEF\xBF\xBD\\\"\"");
}

TEST(JsonText, AppendsWithAndWithoutQuotes) {
  std::string out = "x";
  AppendJsonEscaped(out, "a\"b");
  EXPECT_EQ(out, "xa\\\"b");
  AppendJsonString(out, "c");
  EXPECT_EQ(out, "xa\\\"b\"c\"");
}

}  // namespace
}  // namespace nexus
