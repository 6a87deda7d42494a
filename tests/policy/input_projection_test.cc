#include "policy/wasm/input_projection.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

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

TEST(InputProjection, ReadsKeysThatAreEscaped) {
  EXPECT_EQ(Project({{"ab"}}, R"({"a\u0062":1})"), Project({{"ab"}}, R"({"ab":1})"));
}

TEST(InputProjection, OfADecisionThatReadsNothingIsNothing) {
  EXPECT_EQ(Project({}, R"({"a":1})"), "");
}

TEST(InputProjection, IsNotMadeOfWhatIsUnsound) {
  EXPECT_EQ(Project({{"a"}}, "[]"), "unsound");
  EXPECT_EQ(Project({{"a"}}, ""), "unsound");
  EXPECT_EQ(Project({{"a"}}, R"({"a":{)"), "unsound");
  EXPECT_EQ(Project({{"a"}}, R"({"a")"), "unsound");
}

}  // namespace
}  // namespace nexus::policy
