#include "route/route_trial.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::route {
namespace {

using ::testing::HasSubstr;

RecordedEvent PaidEvent() {
  RecordedEvent event;
  event.stream = "order-1";
  event.type = "order.paid";
  event.data = "{}";
  return event;
}

double SumOf(const Explanation& explanation) {
  double sum = 0;
  for (const ScoreTerm& term : explanation.terms) sum += term.contribution;
  return sum;
}

TEST(RouteTrial, TermsOfTheWeightsAddUpToTheScore) {
  CriticalityRules rules;
  rules.type_weights["order.paid"] = 0.5;
  RecordedEvent event = PaidEvent();
  event.routing.business_impact = 0.75;
  event.routing.requires_ordering = true;
  event.routing.max_latency_ms = 2'000;
  const Explanation explanation = Explain(rules, event);
  EXPECT_EQ(explanation.terms.size(), 4u);
  EXPECT_NEAR(SumOf(explanation), explanation.verdict.score, 1e-12);
  EXPECT_EQ(explanation.model, "");
}

TEST(RouteTrial, TermsOfAModelAddUpToItsLogOdds) {
  ModelWeights weights;
  weights.intercept = -kOne;
  weights.types["order.paid"] = 3'500'000;
  weights.categories["order"] = -250'000;
  CriticalityRules rules;
  rules.model = std::make_shared<CriticalityModel>(weights, ModelOrigin());
  const Explanation explanation = Explain(rules, PaidEvent());
  ASSERT_EQ(explanation.terms.size(), 3u);
  EXPECT_EQ(explanation.terms[0].name, "type=order.paid");
  EXPECT_EQ(explanation.terms[1].name, "intercept");
  EXPECT_DOUBLE_EQ(SumOf(explanation), explanation.log_odds);
  EXPECT_DOUBLE_EQ(explanation.log_odds, 2.25);
  EXPECT_EQ(explanation.verdict.score, Logistic(2'250'000));
  EXPECT_EQ(explanation.model, rules.model->digest());
  EXPECT_THAT(explanation.why, HasSubstr("the model's score is above the threshold"));
}

TEST(RouteTrial, SaysWhatDecidesBeforeAModel) {
  CriticalityRules rules;
  rules.model = std::make_shared<CriticalityModel>(ModelWeights(), ModelOrigin());
  RecordedEvent event = PaidEvent();
  EXPECT_THAT(Explain(rules, event).why, HasSubstr("not above"));
  event.routing.criticality = Criticality::kHigh;
  EXPECT_THAT(Explain(rules, event).why, HasSubstr("declared as high"));
  event.routing.max_latency_ms = 10;
  EXPECT_THAT(Explain(rules, event).why, HasSubstr("10 ms"));
}

}  // namespace
}  // namespace nexus::route
