#include "nexus/core/data_class.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace nexus {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(DataClass, IsWordsWithDotsBetweenThem) {
  for (const char* text : {"secret", "pii.email", "a.b_2.c3", "x"}) {
    EXPECT_TRUE(IsDataClass(text)) << text;
  }
  for (const char* text : {"", ".", "pii.", ".pii", "pii..email", "Pii", "pii email", "2fa",
                           "pii.2", "_x", "pii-email", "pii/email", "p\xc3\xafi"}) {
    EXPECT_FALSE(IsDataClass(text)) << text;
  }
  EXPECT_TRUE(IsDataClass(std::string(64, 'a')));
  EXPECT_FALSE(IsDataClass(std::string(65, 'a')));
}

TEST(ClassifiedFieldsList, HasEachFieldOnceByPath) {
  ClassifiedFieldsList list;
  list.Add("/b", {"pii.name", false});
  list.Add("/a", {"", true});
  list.Add("/b", {"pii.name", false});
  list.Add("/c", {});
  const ClassifiedFields taken = list.Take();
  EXPECT_THAT(taken.fields, ElementsAre(ClassifiedField{"/a", "", true},
                                        ClassifiedField{"/b", "pii.name", false}));
  EXPECT_TRUE(taken.complete);
}

TEST(ClassifiedFieldsList, SaysWhatTheFieldsHaveTogether) {
  ClassifiedFieldsList list;
  list.Add("/a", {"pii.name", false});
  list.Add("/b", {"", true});
  list.Add("/c", {"card.pan", false});
  list.Add("/d", {"pii.name", false});
  const ClassifiedFields taken = list.Take();
  EXPECT_THAT(taken.classes, ElementsAre("card.pan", "pii.name"));
  EXPECT_TRUE(taken.subject_key);
  const ClassifiedFields none = ClassifiedFieldsList().Take();
  EXPECT_THAT(none.classes, ElementsAre());
  EXPECT_FALSE(none.subject_key);
}

TEST(ClassifiedFieldsList, EndsAWalkThatFindsTooMuch) {
  ClassifiedFieldsList list;
  for (int i = 0; list.Step(); ++i) list.Add("/" + std::to_string(i), {"secret", false});
  const ClassifiedFields taken = list.Take();
  EXPECT_THAT(taken.fields, SizeIs(1'000));
  EXPECT_FALSE(taken.complete);
}

TEST(ClassifiedFieldsList, EndsAWalkThatTakesTooLong) {
  ClassifiedFieldsList list;
  int steps = 0;
  while (list.Step()) ++steps;
  EXPECT_EQ(steps, 100'000);
  EXPECT_FALSE(list.Take().complete);
}

}  // namespace
}  // namespace nexus
