// nexusctl route train, from files.

#include <random>

#include "absl/strings/str_cat.h"
#include "cli/cli_fixture.h"
#include "cli/labelled_event.h"
#include "gmock/gmock.h"
#include "nexus/core/errors.h"
#include "route/declaration/criticality_model.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::cli {
namespace {

using ::testing::HasSubstr;

// Orders of the region "eu" are critical, with some noise.
std::string Lines(size_t count) {
  std::mt19937_64 random(4);
  std::string lines;
  for (size_t i = 0; i < count; ++i) {
    const bool eu = random() % 2 == 0;
    const bool critical = random() % 10 == 0 ? !eu : eu;
    absl::StrAppend(&lines, R"({"event":{"stream":"order-)", random() % 100,
                    R"(","type":"order.paid","data":{"total":)", i, R"(},"metadata":{"region":")",
                    eu ? "eu" : "us", R"("}},"label":")", critical ? "critical" : "standard",
                    "\"}\n");
  }
  return lines;
}

class RouteTrainTest : public CliFixture {
 protected:
  Outcome Train(const std::string& input, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"route", "train", "-", "--out", path_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments, input);
  }

  const std::string path_ = folder_ + "/model.json";
};

TEST_F(RouteTrainTest, WritesAModelThatReadsBack) {
  const Outcome outcome = Train(Lines(1'000), {"--threshold", "0.5", "-o", "table"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("fitted on"));
  EXPECT_THAT(outcome.out, HasSubstr("metadata.region=eu"));
  schema::SimdJsonReader json;
  const auto model = route::ParseModel(ReadFile(path_), json);
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_GT((*model)->weights().metadata.at("region").values.at("eu"), route::kOne);
  EXPECT_EQ((*model)->origin().labels, "file");
  EXPECT_EQ((*model)->origin().events + (*model)->origin().held_out, 1'000u);
}

TEST_F(RouteTrainTest, ReportsQualityAsJson) {
  const Outcome outcome = Train(Lines(1'000), {"-o", "json", "--threshold", "0.5"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  schema::SimdJsonReader json;
  const auto report = json.ReadObject(outcome.out);
  ASSERT_TRUE(report.ok()) << outcome.out;
  EXPECT_EQ(report->at("converged").text, "true");
  EXPECT_THAT(report->at("model").text, HasSubstr("\"auc\":0.88"));
  EXPECT_THAT(report->at("rules").text, HasSubstr("\"precision\":null"));
}

TEST_F(RouteTrainTest, WritesTheSameFileAgain) {
  ASSERT_EQ(Train(Lines(500)).code, 0);
  const std::string first = ReadFile(path_);
  ASSERT_EQ(Train(Lines(500)).code, 0);
  EXPECT_EQ(ReadFile(path_), first);
}

TEST_F(RouteTrainTest, LeavesMetadataOutOnWish) {
  ASSERT_EQ(Train(Lines(500), {"--ignore-metadata", "region"}).code, 0);
  EXPECT_THAT(ReadFile(path_), ::testing::Not(HasSubstr("region")));
}

TEST_F(RouteTrainTest, NamesTheLineOfWhatIsWrongAndWritesNothing) {
  const Outcome outcome = Train(Lines(2) + "{\"event\":{\"stream\":\"a-1\"},\"label\":7}\n");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("line 3"));
  EXPECT_THAT(outcome.err, HasSubstr("\"label\""));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(RouteTrainTest, SaysThatOneKindIsMissing) {
  const Outcome outcome = Train("");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("both kinds are needed"));
}

TEST_F(RouteTrainTest, RefusesOptionsThatMakeNoSense) {
  EXPECT_EQ(Train("", {"--hold-out", "1"}).code, 2);
  EXPECT_EQ(Train("", {"--l2", "0"}).code, 2);
  EXPECT_EQ(Train("", {"--threshold", "2"}).code, 2);
  EXPECT_EQ(Train("", {"--features", "0"}).code, 2);
  EXPECT_EQ(Run({"route", "train", "-"}).code, 2) << "without --out";
}

TEST(LabelledEvent, TakesEachWordOfALabel) {
  const auto is = [](const char* label) {
    const auto line = ParseLabelledEvent(
        absl::StrCat(R"({"label":)", label, R"(,"event":{"stream":"a-1","type":"t","data":1}})"));
    EXPECT_TRUE(line.ok()) << line.status();
    return line.ok() && line->critical;
  };
  EXPECT_TRUE(is("true") && is("\"critical\"") && is("\"high\""));
  EXPECT_FALSE(is("false") || is("\"standard\"") || is("\"low\""));
}

TEST(LabelledEvent, RefusesWhatIsNotOne) {
  for (const char* line :
       {"", "[]", "7", "{", "{}", R"({"label":true})", R"({"event":{},"label":true})",
        R"({"event":{"stream":"a-1","type":"t","data":1}})", R"({"event":"x","label":true})",
        R"({"event":{"stream":"a-1","type":"t","data":1},"label":"hgh"})",
        R"({"event":{"stream":"a-1","type":"t","data":1},"label":true,"more":1})"}) {
    const auto parsed = ParseLabelledEvent(line);
    EXPECT_FALSE(parsed.ok()) << line;
    EXPECT_THAT(ReasonOf(parsed.status()),
                ::testing::AnyOf(ErrorReason::kMalformedJson, ErrorReason::kMalformedRequest));
  }
}

}  // namespace
}  // namespace nexus::cli
