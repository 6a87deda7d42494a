#include "policy/json_writer.h"

#include <cmath>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace nexus::policy {
namespace {

std::string Written(double number) {
  std::string out;
  JsonWriter(&out).Number(number);
  return out;
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
