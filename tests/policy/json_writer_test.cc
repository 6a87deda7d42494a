#include "policy/json_writer.h"

#include <cmath>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace nexus::policy {
namespace {

std::string Quoted(absl::string_view text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}

std::string Written(double number) {
  std::string out;
  JsonWriter(&out).Number(number);
  return out;
}

TEST(JsonWriter, LeavesPlainTextAlone) {
  EXPECT_EQ(Quoted(""), "\"\"");
  EXPECT_EQ(Quoted("order-42"), "\"order-42\"");
  EXPECT_EQ(Quoted("Größe 😀"), "\"Größe 😀\"");
}

TEST(JsonWriter, EscapesWhatWouldEndAString) {
  EXPECT_EQ(Quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(Quoted("\n\r\t"), R"("\n\r\t")");
}

TEST(JsonWriter, EscapesControlCharactersAndNul) {
  EXPECT_EQ(Quoted(absl::string_view("\0\x1f\x7f", 3)), R"("\u0000\u001f\u007f")");
}

TEST(JsonWriter, ReplacesEachByteThatIsNotUtf8) {
  EXPECT_EQ(Quoted("a\xff\xc3"), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(Quoted("\xc0\xaf\""), "\"\xEF\xBF\xBD\xEF\xBF\xBD\\\"\"");
}

TEST(JsonWriter, WritesNumbersThatReadBackTheSame) {
  EXPECT_EQ(Written(0.1), "0.1");
  EXPECT_EQ(Written(0), "0");
  EXPECT_EQ(Written(1.0 / 3), "0.3333333333333333");
}

TEST(JsonWriter, WritesNullForWhatIsNoNumber) {
  EXPECT_EQ(Written(std::nan("")), "null");
  EXPECT_EQ(Written(std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonWriter, SeparatesMembersAndElements) {
  std::string out;
  JsonWriter json(&out);
  json.BeginObject();
  json.Key("a");
  json.BeginArray();
  json.Number(uint64_t{1});
  json.BeginObject();
  json.EndObject();
  json.Bool(true);
  json.EndArray();
  json.Key("b");
  json.Bool(false);
  json.EndObject();
  EXPECT_EQ(out, R"({"a":[1,{},true],"b":false})");
}

}  // namespace
}  // namespace nexus::policy
