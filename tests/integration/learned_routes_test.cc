// Transforms and models of criticality in a running daemon.

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"
#include "route/declaration/criticality_model.h"

namespace nexus::integration {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPartner[] = R"({"name": "partner", "match": {"categories": ["pay"]},
    "sink": {"kind": "jsonl", "settings": {"folder": "partner"}},
    "dead_letters": "skip-ahead",
    "transform": {"require": ["/total"], "drop": ["/email"], "mask": {"/card/number": "****"},
      "hash": {"fields": ["/customer"], "secret": "pseudonyms"}, "attributes": {"tenant": "eu"}}})";

class LearnedRoutesTest : public DaemonFixture {
 protected:
  void SetUp() override {
    StartDaemon();
    std::filesystem::create_directories(folder_ / "data/secrets");
    RegisterOrders();
  }
  grpc::Status Apply(const std::string& declaration) {
    admin::v1::ApplyRouteRequest request;
    request.set_declaration(declaration);
    admin::v1::ApplyRouteResponse answer;
    return routes_->ApplyRoute(Context().get(), request, &answer);
  }
  void WriteSecret() {
    std::ofstream(folder_ / "data/secrets/pseudonyms") << "a secret of the partner\n";
  }
  std::vector<std::string> Lines(const std::string& folder) {
    std::vector<std::string> lines;
    const std::filesystem::path path = folder_ / "data/outbox/" + folder;
    if (!std::filesystem::exists(path)) return lines;
    for (const auto& file : std::filesystem::directory_iterator(path)) {
      std::ifstream in(file.path());
      for (std::string line; std::getline(in, line);) lines.push_back(line);
    }
    return lines;
  }
  admin::v1::Classification Classify(const std::string& text) {
    admin::v1::ApplyClassificationRequest request;
    request.set_classification(text);
    admin::v1::Classification answer;
    const grpc::Status status = routes_->ApplyClassification(Context().get(), request, &answer);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return answer;
  }
};

TEST_F(LearnedRoutesTest, SendsWhatATransformLeaves) {
  WriteSecret();
  const grpc::Status applied = Apply(kPartner);
  ASSERT_TRUE(applied.ok()) << applied.error_message();
  ASSERT_TRUE(AppendOrder("pay-1", R"({"total": 12.50, "email": "a@example.com",
      "customer": "c-7", "card": {"number": "4111"}})")
                  .ok());
  ASSERT_TRUE(fake::Eventually([&] { return Lines("partner").size() == 1; }, absl::Seconds(60)));
  const std::string line = Lines("partner").front();
  EXPECT_THAT(line, HasSubstr(R"("data":{"total":12.50,"customer":")"));
  EXPECT_THAT(line, HasSubstr(R"("card":{"number":"****"}})"));
  EXPECT_THAT(line, HasSubstr(R"("tenant":"eu","nexustransform":")"));
  EXPECT_THAT(line, HasSubstr(R"("type":"order.placed",)")) << "no longer of its schema";
  for (const char* hidden : {"a@example.com", "c-7", "4111"}) {
    EXPECT_THAT(line, Not(HasSubstr(hidden)));
  }
}

TEST_F(LearnedRoutesTest, WhatCannotBeTransformedIsADeadLetterAndTheOthersGoOn) {
  WriteSecret();
  ASSERT_TRUE(Apply(kPartner).ok());
  ASSERT_TRUE(AppendOrder("pay-1", R"({"total": 1, "card": "4111"})").ok());
  ASSERT_TRUE(AppendOrder("pay-1", R"({"total": 2})").ok());
  ASSERT_TRUE(fake::Eventually([&] { return Lines("partner").size() == 1; }, absl::Seconds(60)));
  EXPECT_THAT(Lines("partner").front(), HasSubstr(R"("data":{"total":2})"));
  admin::v1::ListDeadLettersRequest request;
  request.set_route("partner");
  admin::v1::ListDeadLettersResponse letters;
  ASSERT_TRUE(routes_->ListDeadLetters(Context().get(), request, &letters).ok());
  ASSERT_EQ(letters.dead_letters_size(), 1);
  EXPECT_EQ(letters.dead_letters(0).error_class(), "transform");
  EXPECT_EQ(letters.dead_letters(0).attempts(), 1u) << "it would fail every time";
  EXPECT_THAT(letters.dead_letters(0).error(), HasSubstr("/card/number"));
  EXPECT_THAT(letters.dead_letters(0).error(), Not(HasSubstr("4111")));
}

TEST_F(LearnedRoutesTest, WhatATransformLeavesConformsToTheSchemaThatItNames) {
  ASSERT_TRUE(RegisterSchema("order.public", R"({"type": "object", "required": ["total"],
      "properties": {"total": {"type": "number", "maximum": 100}}})")
                  .ok());
  const grpc::Status applied = Apply(R"({"name": "partner", "match": {"categories": ["pay"]},
      "sink": {"kind": "jsonl", "settings": {"folder": "partner"}}, "dead_letters": "skip-ahead",
      "transform": {"drop": ["/email"], "schema": {"type": "order.public", "version": 1}}})");
  ASSERT_TRUE(applied.ok()) << applied.error_message();
  ASSERT_TRUE(AppendOrder("pay-1", R"({"total": 4111})").ok());
  ASSERT_TRUE(AppendOrder("pay-1", R"({"total": 2, "email": "a@example.com"})").ok());
  ASSERT_TRUE(fake::Eventually([&] { return Lines("partner").size() == 1; }, absl::Seconds(60)));
  EXPECT_THAT(Lines("partner").front(), HasSubstr(R"("type":"order.public.v1")"));
  admin::v1::ListDeadLettersRequest request;
  request.set_route("partner");
  admin::v1::ListDeadLettersResponse letters;
  ASSERT_TRUE(routes_->ListDeadLetters(Context().get(), request, &letters).ok());
  ASSERT_EQ(letters.dead_letters_size(), 1);
  EXPECT_EQ(letters.dead_letters(0).error_class(), "transform");
  EXPECT_THAT(letters.dead_letters(0).error(), HasSubstr("order.public version 1: 'maximum'"));
  EXPECT_THAT(letters.dead_letters(0).error(), Not(HasSubstr("4111")));
}

TEST_F(LearnedRoutesTest, RefusesATransformThatCannotWork) {
  EXPECT_THAT(Apply(kPartner).error_message(), HasSubstr("/transform/hash/secret"));
  std::ofstream(folder_ / "data/secrets/pseudonyms") << "short";
  EXPECT_THAT(Apply(kPartner).error_message(), HasSubstr("at least 16"));
  EXPECT_THAT(Apply(R"({"name": "x", "sink": {"kind": "jsonl"}, "transform": {"drop": ["a"]}})")
                  .error_message(),
              HasSubstr("/transform/drop/0"));
  EXPECT_THAT(Apply(R"({"name": "x", "sink": {"kind": "jsonl"}, "transform":
                        {"drop": ["/a"], "schema": {"type": "order.placed", "version": 7}}})")
                  .error_message(),
              HasSubstr("/transform/schema"));
}

TEST_F(LearnedRoutesTest, AModelScoresInPlaceOfTheWeightsAndExplainsIt) {
  route::ModelWeights weights;
  weights.intercept = -route::kOne;
  weights.size = -10'000;
  weights.types["order.placed"] = 3 * route::kOne;
  weights.metadata["tier"].values["gold"] = route::kOne;
  const route::CriticalityModel model(weights, {});
  ASSERT_TRUE(AppendOrder("pay-0", R"({"total": 1})").ok());
  const admin::v1::Classification rules =
      Classify(absl::StrCat("{\"model\":", route::ModelText(model), "}"));
  EXPECT_THAT(rules.classification(), HasSubstr(model.digest()));
  v1::AppendResponse stored;
  v1::AppendRequest append = OneEvent("pay-1", "order.placed", R"({"total": 1})");
  (*append.mutable_streams(0)->mutable_events(0)->mutable_metadata())["tier"] = "gold";
  ASSERT_TRUE(Append(append, &stored).ok());
  const uint64_t position = ReadStream("pay-1").back().position();

  const auto test = [&](uint64_t at) {
    admin::v1::TestRouteRequest request;
    request.set_position(at);
    admin::v1::TestRouteResponse answer;
    const grpc::Status status = routes_->TestRoute(Context().get(), request, &answer);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return answer;
  };
  const admin::v1::TestRouteResponse answer = test(position);
  EXPECT_EQ(answer.path(), "critical");
  EXPECT_EQ(answer.model(), model.digest());
  EXPECT_EQ(answer.terms(0).name(), "type=order.placed");
  double sum = 0;
  for (const admin::v1::ScoreTerm& term : answer.terms()) sum += term.contribution();
  EXPECT_NEAR(sum, answer.log_odds(), 1e-9);
  EXPECT_EQ(answer.score(), route::Logistic(static_cast<int64_t>(answer.log_odds() * 1e6 + 0.5)));

  // What came before it, and what is stored for ever.
  EXPECT_EQ(test(ReadStream("pay-0").back().position()).model(), "");
  Classify("{}");
  daemon_->Kill();
  StartDaemon();
  EXPECT_EQ(test(position).score(), answer.score());
  EXPECT_EQ(test(position).model(), model.digest());
}

TEST_F(LearnedRoutesTest, RefusesAModelThatSomebodyChanged) {
  route::ModelWeights weights;
  weights.types["order.placed"] = 3 * route::kOne;
  std::string text = route::ModelText(route::CriticalityModel(weights, {}));
  text.replace(text.find(":3}"), 3, ":4}");
  admin::v1::ApplyClassificationRequest request;
  request.set_classification(absl::StrCat("{\"model\":", text, "}"));
  admin::v1::Classification answer;
  const grpc::Status status = routes_->ApplyClassification(Context().get(), request, &answer);
  EXPECT_EQ(ReasonOf(status), "MALFORMED_REQUEST");
  EXPECT_THAT(status.error_message(), HasSubstr("/model/digest"));
}

}  // namespace
}  // namespace nexus::integration
