#include "route/declaration/classification.h"

#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::route {
namespace {

class ClassificationTest : public ::testing::Test {
 protected:
  std::string FaultIn(const std::string& text) {
    const auto rules = ParseClassification(text, json_);
    if (rules.ok()) return "none";
    const ErrorDetails details = DetailsOf(rules.status());
    return details.violations.size() == 1 ? details.violations[0].pointer : "no violation";
  }

  schema::SimdJsonReader json_;
};

TEST_F(ClassificationTest, ReadsBackWhatItWrites) {
  const auto rules = ParseClassification(
      R"({"weights":{"business_impact":0.1,"ordering":0.25,"latency":1,"type":0},"threshold":0.333,
          "types":{"a.b":0.5,"c/d":1},"ordered_categories":{"order":"critical","x":"standard"}})",
      json_);
  ASSERT_TRUE(rules.ok()) << rules.status();
  EXPECT_EQ(rules->business_impact_weight, 0.1);
  EXPECT_EQ(rules->threshold, 0.333);
  EXPECT_EQ(rules->type_weights.at("c/d"), 1);
  EXPECT_EQ(rules->ordered_categories.at("x"), Path::kStandard);
  const std::string text = ClassificationText(*rules);
  const auto back = ParseClassification(text, json_);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(ClassificationText(*back), text);
}

TEST_F(ClassificationTest, HasTheDefaultsOfTheScore) {
  const auto rules = ParseClassification("{}", json_);
  ASSERT_TRUE(rules.ok());
  EXPECT_EQ(ClassificationText(*rules), ClassificationText(CriticalityRules()));
}

TEST_F(ClassificationTest, NamesThePlaceOfWhatIsWrong) {
  EXPECT_EQ(FaultIn(R"({"weight":{}})"), "/weight");
  EXPECT_EQ(FaultIn(R"({"weights":{"impact":1}})"), "/weights/impact");
  EXPECT_EQ(FaultIn(R"({"weights":{"type":1.5}})"), "/weights/type");
  EXPECT_EQ(FaultIn(R"({"threshold":"high"})"), "/threshold");
  EXPECT_EQ(FaultIn(R"({"types":{"a":-1}})"), "/types/a");
  EXPECT_EQ(FaultIn(R"({"ordered_categories":{"a":"fast"}})"), "/ordered_categories/a");
}

// The event that declares is judged by what was before it: all that follow, by it.
TEST_F(ClassificationTest, ADeclarationJudgesWhatComesAfterIt) {
  ClassificationHistory history(CriticalityRules(), json_);
  ASSERT_TRUE(history.Learn(Position(20), R"({"threshold":0.2})").ok());
  ASSERT_TRUE(history.Learn(Position(10), R"({"threshold":0.1})").ok());
  EXPECT_EQ(history.At(Position(1))->rules.threshold, 0.6);
  EXPECT_EQ(history.At(Position(10))->rules.threshold, 0.6);
  EXPECT_EQ(history.At(Position(11))->rules.threshold, 0.1);
  EXPECT_EQ(history.At(Position(20))->rules.threshold, 0.1);
  EXPECT_EQ(history.At(Position(21))->rules.threshold, 0.2);
  EXPECT_EQ(history.Latest()->rules.threshold, 0.2);
  EXPECT_EQ(history.count(), 2u);
}

TEST_F(ClassificationTest, LearnsADeclarationOnce) {
  ClassificationHistory history(CriticalityRules(), json_);
  ASSERT_TRUE(history.Learn(Position(10), R"({"threshold":0.1})").ok());
  const ClassificationPtr first = history.Latest();
  ASSERT_TRUE(history.Learn(Position(10), R"({"threshold":0.1})").ok());
  EXPECT_EQ(history.Latest(), first);
  EXPECT_EQ(first->version, 1u);
}

}  // namespace
}  // namespace nexus::route
