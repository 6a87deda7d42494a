#include "route/declaration/criticality_model.h"

#include <cmath>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "route/declaration/classification.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::route {
namespace {

using ::testing::HasSubstr;

ModelWeights SomeWeights() {
  ModelWeights weights;
  weights.intercept = -2 * kOne;
  weights.size = -125'000;
  weights.types = {{"order.paid", 3 * kOne}, {"page/viewed", -1'500'001}};
  weights.categories = {{"order", 700'000}, {"web", -kOne}};
  weights.metadata["region"] = {250'000, {{"eu", 1}, {"us", -333'333}}};
  weights.metadata["tier"] = {0, {{"gold", 2'750'000}}};
  return weights;
}

CriticalityModelPtr SomeModel() {
  return std::make_shared<CriticalityModel>(SomeWeights(),
                                            ModelOrigin{"declared", 80, 20, 20, kOne});
}

RecordedEvent EventOf(absl::string_view stream, absl::string_view type, absl::string_view data) {
  RecordedEvent event;
  event.stream = stream;
  event.type = type;
  event.data = data;
  return event;
}

class CriticalityModelTest : public ::testing::Test {
 protected:
  std::string FaultIn(const std::string& text, const std::string& pointer = "") {
    const auto model = ParseModel(text, json_, pointer);
    if (model.ok()) return "none";
    const ErrorDetails details = DetailsOf(model.status());
    return details.violations.size() == 1 ? details.violations[0].pointer : "no violation";
  }
  // A model whose text has a part replaced. Its digest is no longer right: faults of parts come
  // first.
  std::string FaultWith(absl::string_view part, absl::string_view other) {
    const std::string text = ModelText(*SomeModel());
    EXPECT_THAT(text, HasSubstr(std::string(part)));
    return FaultIn(absl::StrReplaceAll(text, {{part, other}}));
  }

  schema::SimdJsonReader json_;
};

TEST_F(CriticalityModelTest, LogisticIsThatOfMathematicsToEightPlaces) {
  double farthest = 0;
  for (Millionths z = -45 * kOne; z <= 45 * kOne; z += 9'973) {
    const double exact = 1 / (1 + std::exp(-static_cast<double>(z) / kOne));
    farthest = std::max(farthest, std::abs(Logistic(z) - exact));
  }
  EXPECT_LT(farthest, 1e-8);
  EXPECT_EQ(Logistic(0), 0.5);
  EXPECT_GE(Logistic(-1'000'000 * kOne), 0);
  EXPECT_LE(Logistic(1'000'000 * kOne), 1);
}

// Bit for bit: scores are compared with thresholds on every replay, on every machine.
TEST_F(CriticalityModelTest, ScoresAreTheSameForEver) {
  EXPECT_EQ(Logistic(1'000'000), 784968171 / 1073741824.0);
  EXPECT_EQ(Logistic(-2'500'000), 81452101 / 1073741824.0);
  EXPECT_EQ(Logistic(123'456), 569968851 / 1073741824.0);
}

TEST_F(CriticalityModelTest, SizeIsALogarithmWithoutSteps) {
  EXPECT_EQ(SizeMeasure(0), 0);
  EXPECT_EQ(SizeMeasure(1), 1 << 20);
  EXPECT_EQ(SizeMeasure(1'023), 10 << 20);
  EXPECT_EQ(SizeMeasure(1'535), (10 << 20) + (1 << 19));
  for (uint64_t bytes = 1; bytes < 5'000; ++bytes) {
    EXPECT_LT(SizeMeasure(bytes - 1), SizeMeasure(bytes));
    EXPECT_NEAR(static_cast<double>(SizeMeasure(bytes)) / (1 << 20),
                std::log2(static_cast<double>(bytes + 1)), 0.087);
  }
  EXPECT_EQ(SizeMeasure(UINT64_MAX), int64_t{40} << 20);
}

TEST_F(CriticalityModelTest, AddsUpWhatIsThere) {
  const CriticalityModelPtr model = SomeModel();
  const std::string data(1'023, 'x');
  RecordedEvent event = EventOf("order-1", "order.paid", data);
  EXPECT_EQ(model->LogOdds(event), -2'000'000 - 1'250'000 + 3'000'000 + 700'000);
  event.metadata = {{"region", "us"}, {"tier", "gold"}, {"unknown", "eu"}};
  EXPECT_EQ(model->LogOdds(event), 450'000 + 250'000 - 333'333 + 2'750'000);
  EXPECT_EQ(model->Score(event), Logistic(3'116'667));
  event.metadata = {{"region", "elsewhere"}};
  EXPECT_EQ(model->LogOdds(event), 450'000 + 250'000);
}

TEST_F(CriticalityModelTest, ExplanationAddsUpToTheScoreLargestFirst) {
  const CriticalityModelPtr model = SomeModel();
  std::mt19937_64 random(7);
  const std::vector<std::string> types = {"order.paid", "page/viewed", "other"};
  const std::vector<std::string> streams = {"order-1", "web-2", "else-3", "nothing"};
  const std::vector<std::string> values = {"eu", "us", "gold", ""};
  for (int i = 0; i < 500; ++i) {
    const std::string data(random() % 3'000, 'x');
    RecordedEvent event = EventOf(streams[random() % 4], types[random() % 3], data);
    if (random() % 2 == 0) event.metadata.emplace_back("region", values[random() % 4]);
    if (random() % 2 == 0) event.metadata.emplace_back("tier", values[random() % 4]);
    Millionths sum = 0;
    Millionths last = INT64_MAX;
    for (const ModelTerm& term : model->Explain(event)) {
      sum += term.contribution;
      EXPECT_LE(std::abs(term.contribution), last);
      EXPECT_NEAR(term.value * static_cast<double>(term.weight),
                  static_cast<double>(term.contribution), 1);
      last = std::abs(term.contribution);
    }
    EXPECT_EQ(sum, model->LogOdds(event));
    EXPECT_EQ(Logistic(sum), model->Score(event));
  }
}

TEST_F(CriticalityModelTest, ReadsBackWhatItWrites) {
  const std::string text = ModelText(*SomeModel());
  const auto back = ParseModel(text, json_);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(ModelText(**back), text);
  EXPECT_EQ((*back)->digest(), SomeModel()->digest());
  EXPECT_EQ((*back)->weights().types.at("page/viewed"), -1'500'001);
  EXPECT_EQ((*back)->weights().metadata.at("region").values.at("eu"), 1);
  EXPECT_EQ((*back)->origin(), SomeModel()->origin());
  EXPECT_EQ((*back)->feature_count(), 9u);
}

// However somebody lays it out: the members mean the same.
TEST_F(CriticalityModelTest, IsTheSameModelWithOtherSpacesAndOrder) {
  const CriticalityModel model(ModelWeights{.intercept = 500'000}, {});
  const auto back = ParseModel(absl::StrCat(" {\"digest\":\"", model.digest(),
                                            "\",\n \"intercept\": 5.0e-1, \"format\": 1} "),
                               json_);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(ModelText(**back), ModelText(model));
}

TEST_F(CriticalityModelTest, NamesThePlaceOfWhatIsWrong) {
  EXPECT_EQ(FaultIn("[]"), "");
  EXPECT_EQ(FaultIn("{}"), "/format");
  EXPECT_EQ(FaultWith("\"format\":1", "\"format\":2"), "/format");
  EXPECT_EQ(FaultWith("\"intercept\":-2", "\"intercept\":-2000"), "/intercept");
  EXPECT_EQ(FaultWith("\"intercept\":-2", "\"intercept\":\"-2\""), "/intercept");
  EXPECT_EQ(FaultWith("\"intercept\":-2,", ""), "/intercept");
  EXPECT_EQ(FaultWith("0.7,", "0.7000001,"), "/categories/order");
  EXPECT_EQ(FaultWith("-1.500001", "null"), "/types/page~1viewed");
  EXPECT_EQ(FaultWith("\"eu\":0.000001", "\"eu\":1e40"), "/metadata/region/values/eu");
  EXPECT_EQ(FaultWith("\"present\":0.25", "\"presnt\":0.25"), "/metadata/region/presnt");
  EXPECT_EQ(FaultWith("\"events\":80", "\"events\":-80"), "/origin/events");
  EXPECT_EQ(FaultWith("\"size\"", "\"sise\""), "/sise");
}

TEST_F(CriticalityModelTest, RefusesAFileThatSomebodyChanged) {
  EXPECT_EQ(FaultWith("\"gold\":2.75", "\"gold\":2.76"), "/digest");
  EXPECT_EQ(FaultWith("\"events\":80", "\"events\":81"), "/digest");
}

TEST_F(CriticalityModelTest, IsBounded) {
  ModelWeights many;
  for (size_t i = 0; i <= kModelFeaturesMax; ++i) many.types[absl::StrCat("t", i)] = 1;
  EXPECT_EQ(FaultIn(ModelText(CriticalityModel(many, {})), "/model"), "/model");
  EXPECT_EQ(FaultIn(std::string(kModelBytesMax + 1, ' '), "/model"), "/model");
  const ModelWeights long_name{.types = {{std::string(kFeatureNameBytesMax + 1, 'n'), 1}}};
  EXPECT_THAT(FaultIn(ModelText(CriticalityModel(long_name, {}))), HasSubstr("/types/nnn"));
}

// Cut anywhere, or with any byte changed: refused with a word, or the same model. Never another.
TEST_F(CriticalityModelTest, NoDamageMakesAnotherModel) {
  const std::string text = ModelText(*SomeModel());
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ParseModel(text.substr(0, size), json_).ok()) << size;
  }
  std::mt19937_64 random(11);
  size_t refused = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    for (int i = 0; i < 8; ++i) {
      std::string damaged = text;
      damaged[at] = static_cast<char>(random());
      const auto model = ParseModel(damaged, json_);
      refused += model.ok() ? 0 : 1;
      if (model.ok()) {
        EXPECT_EQ(ModelText(**model), text) << damaged;
        continue;
      }
      EXPECT_EQ(ReasonOf(model.status()), ErrorReason::kMalformedRequest) << model.status();
      EXPECT_EQ(DetailsOf(model.status()).violations.size(), 1u);
    }
  }
  EXPECT_GT(refused, text.size() * 7);
}

class ModelledRulesTest : public CriticalityModelTest {
 protected:
  std::string Text() const {
    return absl::StrCat(R"({"threshold":0.5,"ordered_categories":{"web":"critical"},"model":)",
                        ModelText(*SomeModel()), "}");
  }
};

TEST_F(ModelledRulesTest, ReadsBackWhatItWrites) {
  const auto rules = ParseClassification(Text(), json_);
  ASSERT_TRUE(rules.ok()) << rules.status();
  ASSERT_NE(rules->model, nullptr);
  const std::string text = ClassificationText(*rules);
  const auto back = ParseClassification(text, json_);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(ClassificationText(*back), text);
  EXPECT_EQ(back->model->digest(), SomeModel()->digest());
}

TEST_F(ModelledRulesTest, NamesAFaultOfTheModelInside) {
  const auto rules =
      ParseClassification(absl::StrReplaceAll(Text(), {{"-1.500001", "\"x\""}}), json_);
  ASSERT_FALSE(rules.ok());
  EXPECT_EQ(DetailsOf(rules.status()).violations.at(0).pointer, "/model/types/page~1viewed");
}

// What is declared, the latency and ordered categories decide as ever.
TEST_F(ModelledRulesTest, TheModelDecidesWhereTheWeightsDid) {
  const auto rules = ParseClassification(Text(), json_);
  ASSERT_TRUE(rules.ok()) << rules.status();
  RecordedEvent paid = EventOf("order-1", "order.paid", "{}");
  RecordedEvent other = EventOf("order-1", "other", "{}");
  EXPECT_GT(Judge(*rules, paid).score, 0.5);
  EXPECT_EQ(Judge(*rules, paid).path, Path::kCritical);
  EXPECT_EQ(Judge(*rules, other).path, Path::kStandard);
  other.routing.business_impact = 1;
  other.routing.requires_ordering = true;
  EXPECT_EQ(Judge(*rules, other).path, Path::kStandard) << "the weights say nothing";
  paid.routing.criticality = Criticality::kLow;
  EXPECT_EQ(Judge(*rules, paid).path, Path::kStandard);
  other.routing.criticality = Criticality::kHigh;
  EXPECT_EQ(Judge(*rules, other).path, Path::kCritical);
  other.routing.criticality = Criticality::kLow;
  other.routing.max_latency_ms = 999;
  EXPECT_EQ(Judge(*rules, other).path, Path::kCritical);
  EXPECT_EQ(Judge(*rules, EventOf("web-1", "page/viewed", "")).path, Path::kCritical);
}

// Whatever is declared later, and whenever it is asked: an event keeps its score.
TEST_F(ModelledRulesTest, AnEventHasOneScoreForEver) {
  const RecordedEvent event = EventOf("order-1", "order.paid", "{}");
  ClassificationHistory history(CriticalityRules(), json_);
  ASSERT_TRUE(history.Learn(Position(10), Text()).ok());
  const Verdict first = Judge(history.At(Position(15))->rules, event);
  ASSERT_TRUE(history.Learn(Position(20), "{}").ok());
  ClassificationHistory again(CriticalityRules(), json_);
  ASSERT_TRUE(again.Learn(Position(20), "{}").ok());
  ASSERT_TRUE(again
                  .LearnEvent(Position(10),
                              absl::StrCat("{\"classification\":", Text(), ",\"comment\":\"\"}"))
                  .ok());
  EXPECT_EQ(Judge(history.At(Position(15))->rules, event), first);
  EXPECT_EQ(Judge(again.At(Position(15))->rules, event), first);
  EXPECT_EQ(again.At(Position(15))->revision, history.At(Position(15))->revision);
  EXPECT_EQ(Judge(again.At(Position(5))->rules, event).score, 0);
  EXPECT_EQ(Judge(again.At(Position(21))->rules, event).score, 0);
}

}  // namespace
}  // namespace nexus::route
