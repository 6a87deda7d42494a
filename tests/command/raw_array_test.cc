#include "command/raw_array.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::command {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(RawItems, AreAsTheyStand) {
  EXPECT_THAT(RawItems(R"(["a",{"b":[1,2]},null,[3,[4]],-1.5e3])"),
              ElementsAre("\"a\"", R"({"b":[1,2]})", "null", "[3,[4]]", "-1.5e3"));
}

TEST(RawItems, SeeNoBracketsAndCommasInTexts) {
  EXPECT_THAT(RawItems(R"(["a,]\"","\\",{"k,[":"}"}])"),
              ElementsAre(R"("a,]\"")", R"("\\")", R"({"k,[":"}"})"));
}

TEST(RawItems, OfWhatIsNoArrayAreNone) {
  for (const char* text : {"", "[", "[]", "{}", "1"}) {
    EXPECT_THAT(RawItems(text), IsEmpty()) << text;
  }
}

TEST(RawItems, OfBrokenTextEndWithIt) {
  for (const char* text : {R"(["a])", R"(["a\])", "[}]", "[[]"}) RawItems(text);
}

}  // namespace
}  // namespace nexus::command
