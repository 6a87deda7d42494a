#include "http/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nexus::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Segments, AreDecodedEachByItself) {
  EXPECT_THAT(SegmentsOf("/subjects/a%2Fb/versions/", 0),
              ElementsAre("subjects", "a/b", "versions"));
  EXPECT_THAT(SegmentsOf("/schema-registry/mode", 16), ElementsAre("mode"));
  EXPECT_THAT(SegmentsOf("", 0), IsEmpty());
  EXPECT_THAT(SegmentsOf("//a+b%zz%4", 0), ElementsAre("a+b%zz%4"));
  EXPECT_THAT(SegmentsOf("/%41", 0), ElementsAre("A"));
}

TEST(Parameters, AreReadByKind) {
  const Parameters parameters("deleted=TRUE&limit=5&name=a%20b+c&flag&bad=x&twice=1&twice=2");
  EXPECT_TRUE(parameters.Flag("deleted"));
  EXPECT_FALSE(parameters.Flag("flag"));
  EXPECT_EQ(parameters.Number("limit", 0), 5);
  EXPECT_EQ(parameters.Number("bad", -1), -1);
  EXPECT_EQ(parameters.Number("absent", 7), 7);
  EXPECT_EQ(parameters.Text("name"), "a b c");
  EXPECT_EQ(parameters.Text("twice"), "2");
}

}  // namespace
}  // namespace nexus::http
