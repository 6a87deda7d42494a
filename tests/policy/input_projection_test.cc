#include "policy/wasm/input_projection.h"

#include <set>
#include <string>

#include "gtest/gtest.h"
#include "policy/wasm/decision_keys.h"

namespace nexus::policy {
namespace {

std::string Project(const InputPaths& paths, std::string input) {
  std::string out;
  return InputProjection(paths).Append(input, out) ? out : "unsound";
}

TEST(InputProjection, IsTheSameForInputsThatDifferElsewhere) {
  const InputPaths paths{{"operation"}, {"principal", "roles"}, {"events"}};
  const auto of = [&paths](const std::string& tenant, const std::string& roles,
                           const std::string& rest) {
    return Project(paths, R"({"operation":"append","tenant":)" + tenant +
                              R"(,"principal":{"name":"n)" + tenant + R"(","roles":)" + roles +
                              "}" + rest + "}");
  };
  const std::string a = of("0", R"(["w"])", R"(,"events":[{"x":1}])");
  EXPECT_EQ(a, of("7", R"(["w"])", R"(,"events":[{"x":1}],"more":{})"));
  EXPECT_NE(a, of("0", R"(["v"])", R"(,"events":[{"x":1}])"));
  EXPECT_NE(a, of("0", R"(["w"])", R"(,"events":[{"x":2}])"));
  EXPECT_NE(a, of("0", R"(["w"])", ""));
}

TEST(InputProjection, TellsTypesAndPlacesApart) {
  const InputPaths paths{{"a", "b"}, {"c"}};
  const std::set<std::string> all = {
      Project(paths, R"({"a":{"b":1}})"),
      Project(paths, R"({"a":{"b":"1"}})"),
      Project(paths, R"({"a":{"b":null}})"),
      Project(paths, R"({"a":{}})"),
      Project(paths, R"({})"),
      Project(paths, R"({"c":1})"),
      Project(paths, R"({"a":1})"),
      Project(paths, R"({"a":[{"b":1}]})"),
      Project(paths, R"({"a":{"b":1},"c":1})"),
      Project(paths, R"({"c":"}c:1"})"),
      Project(paths, R"({"c":"\"\n}c:1"})"),
  };
  EXPECT_EQ(all.size(), 11);
}

TEST(InputProjection, IsAnInputOfItsOwn) {
  EXPECT_EQ(Project({{"a", "b"}, {"c"}}, R"({"x":1, "a":{"b" : [1, 2],"y":3},"c":"t"})"),
            R"({"a":{"b":[1, 2]},"c":"t"})");
}

TEST(InputProjection, TakesOfEachElementWhatIsNamed) {
  const InputPaths paths{{"e", "*", "t"}, {"e", "*", "m", "o"}};
  EXPECT_EQ(Project(paths, R"({"e":[{"t":1,"m":{"o":2,"p":3}},{"x":4},5,[6]]})"),
            R"({"e":[{"t":1,"m":{"o":2}},{},5,[]]})");
  EXPECT_EQ(Project(paths, R"({"e":{"k":{"t":1,"x":2}}})"), R"({"e":{"k":{"t":1}}})");
}

TEST(InputProjection, GivesAMemberWhatEveryMemberGets) {
  EXPECT_EQ(Project({{"e", "*", "t"}, {"e", "k", "u"}},
                    R"({"e":{"k":{"t":1,"u":2,"v":3},"l":{"t":4,"u":5}}})"),
            R"({"e":{"k":{"t":1,"u":2},"l":{"t":4}}})");
}

TEST(InputProjection, TakesTheShapeWithoutTheContent) {
  const auto shape = [](const std::string& value) {
    return Project({{"a", "#"}}, R"({"a":)" + value + "}");
  };
  EXPECT_EQ(shape(R"([{"x":1},2])"), R"({"a":[null,null]})");
  EXPECT_EQ(shape(R"({"x":{"y":1}})"), R"({"a":{"x":null}})");
  EXPECT_EQ(shape(R"("four")"), R"({"a":"four"})");
}

TEST(InputProjection, TakesTheKindAlone) {
  const auto kind = [](const std::string& value) {
    return Project({{"a", "?"}}, R"({"a":)" + value + "}");
  };
  EXPECT_EQ(kind(R"({"x":1})"), R"({"a":{}})");
  EXPECT_EQ(kind("[1]"), R"({"a":[]})");
  EXPECT_EQ(kind(R"("s")"), R"({"a":""})");
  EXPECT_EQ(kind("1.5"), R"({"a":0})");
  EXPECT_EQ(kind("true"), R"({"a":false})");
  EXPECT_EQ(kind("null"), R"({"a":null})");
}

TEST(InputProjection, FindsKeysThatAreEscaped) {
  EXPECT_EQ(Project({{"ab"}}, R"({"a\u0062":1,"c\"":2})"), R"({"a\u0062":1})");
  EXPECT_EQ(Project({{"c\""}}, R"({"ab":1,"c\"":2})"), R"({"c\"":2})");
}

TEST(InputProjection, OfADecisionThatReadsNothingIsEmpty) {
  EXPECT_EQ(Project({}, R"({"a":1})"), "{}");
  EXPECT_EQ(Project({{"?"}}, R"({"a":1})"), "{}");
}

// Keys wait in a queue and stay in a cache whose bytes are counted by their sizes.
TEST(InputProjection, KeepsNoMemoryOfWhatIsLeftOut) {
  const std::string left_out = R"({"n":1,"text":")" + std::string(10'000, 'x') + "\"}";
  std::string input = left_out;
  std::string out = "append\n";
  ASSERT_TRUE(InputProjection({{"n"}}).Append(input, out));
  EXPECT_EQ(out, "append\n{\"n\":1}");
  EXPECT_LT(out.capacity(), 100u);
  WasmProgram::Operation operation;
  operation.reads.emplace(InputPaths{{"n"}});
  EXPECT_LT(DecisionKeys("append", operation, input).All().capacity(), 100u);
  operation.reads.emplace(InputPaths{{"text"}});
  const std::string all = DecisionKeys("append", operation, input).All();
  EXPECT_LT(all.capacity(), all.size() + 100);
}

TEST(InputProjection, IsNotMadeOfWhatIsUnsound) {
  EXPECT_EQ(Project({{"a"}}, "[]"), "unsound");
  EXPECT_EQ(Project({{"a"}}, ""), "unsound");
  EXPECT_EQ(Project({{"a"}}, R"({"a":{)"), "unsound");
  EXPECT_EQ(Project({{"a"}}, R"({"a")"), "unsound");
  EXPECT_EQ(Project({{"a"}}, R"({"a":1} {})"), "unsound");
}

}  // namespace
}  // namespace nexus::policy
