#include "temporal/merge_tree.h"

#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::temporal {
namespace {

std::string Merged(const std::vector<std::string>& patches) {
  schema::SimdJsonReader json;
  MergeTree tree;
  for (const std::string& patch : patches) {
    const absl::Status merged = tree.Merge(patch, json);
    if (!merged.ok()) return std::string(ReasonName(ReasonOf(merged)));
  }
  return tree.ToJson();
}

// Appendix A of RFC 7396, but for targets that are no object, which no state is.
TEST(MergeTreeTest, MergesAsTheRfcSays) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
  };
  for (const auto& [target, patch, result] : cases) {
    EXPECT_EQ(Merged({target, patch}), result) << target << " with " << patch;
  }
}

TEST(MergeTreeTest, BeginsWithAnEmptyObject) { EXPECT_EQ(Merged({}), "{}"); }

TEST(MergeTreeTest, KeepsNumbersAndTextsAsTheyAre) {
  EXPECT_EQ(Merged({R"({"big":18446744073709551615,"text":"a\"\u00e9\n","no":false})"}),
            "{\"big\":18446744073709551615,\"no\":false,\"text\":\"a\\\"\u00e9\\n\"}");
}

TEST(MergeTreeTest, RefusesWhatIsNoObjectAndStaysAsItWas) {
  schema::SimdJsonReader json;
  MergeTree tree;
  ASSERT_TRUE(tree.Merge(R"({"a":1})", json).ok());
  for (const char* patch : {"[1]", "7", "null", "{", "", "{\"a\":1,\"a\":2}"}) {
    EXPECT_EQ(ReasonOf(tree.Merge(patch, json)), ErrorReason::kMalformedJson) << patch;
  }
  EXPECT_EQ(tree.ToJson(), R"({"a":1})");
}

}  // namespace
}  // namespace nexus::temporal
