#include "policy/layered/layered_decider.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fake/scripted_policy.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "policy/asking.h"
#include "policy/enforcement.h"
#include "policy/failure.h"
#include "policy/open_decider.h"

namespace nexus::policy {
namespace {

using fake::ScriptedPolicy;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LayeredDeciderTest : public testing::Test {
 protected:
  // A layer over `categories`, whose answers the test gives.
  std::shared_ptr<ScriptedPolicy> Add(const std::string& name, const std::string& revision,
                                      std::vector<std::string> categories) {
    auto decider = std::make_shared<ScriptedPolicy>();
    layers_.push_back({name, revision, std::move(categories), decider, ""});
    layered_.SetLayers(layers_);
    return decider;
  }

  absl::StatusOr<PolicyAnswer> Ask(std::vector<std::string> categories,
                                   const std::string& operation = "append") {
    absl::StatusOr<PolicyAnswer> said = absl::InternalError("nobody answered");
    layered_.Decide({operation, "{}", std::move(categories)}, absl::Seconds(1),
                    [&](absl::StatusOr<PolicyAnswer> answer) { said = std::move(answer); });
    return said;
  }

  ScriptedPolicy server_;
  LayeredDecider layered_{server_};
  std::vector<PolicyLayer> layers_;
};

TEST_F(LayeredDeciderTest, IsTheServersWithoutLayers) {
  EXPECT_FALSE(layered_.asks_by_category());
  const auto answer = Ask({"order"});
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->allow);
  EXPECT_EQ(answer->revision, "rev-1");
}

TEST_F(LayeredDeciderTest, AsksALayerAboutItsCategoriesAndSaysWhoDecided) {
  const auto orders = Add("orders/limits", "orders@7", {"cart", "order"});
  EXPECT_TRUE(layered_.asks_by_category());
  EXPECT_EQ(Ask({"order"})->revision, "rev-1+orders@7");
  EXPECT_EQ(Ask({"payment"})->revision, "rev-1");
  EXPECT_EQ(Ask({})->revision, "rev-1");
  EXPECT_EQ(orders->questions().size(), 1u);
  EXPECT_EQ(server_.questions().size(), 3u);
}

TEST_F(LayeredDeciderTest, AsksALayerOnceAboutACommitOfSeveralOfItsStreams) {
  const auto orders = Add("orders/limits", "orders@7", {"cart", "order"});
  const auto billing = Add("billing/all", "billing@2", {"payment"});
  EXPECT_EQ(Ask({"payment", "order", "cart", "order"})->revision, "rev-1+orders@7+billing@2");
  EXPECT_EQ(orders->questions().size(), 1u);
  EXPECT_EQ(billing->questions().size(), 1u);
}

TEST_F(LayeredDeciderTest, NamesADomainOnceWhosePoliciesBothDecided) {
  Add("orders/limits", "orders@7", {"order"});
  Add("orders/names", "orders@7", {"order"});
  EXPECT_EQ(Ask({"order"})->revision, "rev-1+orders@7");
}

TEST_F(LayeredDeciderTest, ALayerRefusesWhatTheServerAllows) {
  Add("orders/limits", "orders@7", {"order"})->Answer(ScriptedPolicy::Deny("too_large"));
  const auto answer = Ask({"order"});
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(answer->allow);
  ASSERT_EQ(answer->denials.size(), 1u);
  EXPECT_EQ(answer->denials.front().rule, "orders/limits/too_large");
}

TEST_F(LayeredDeciderTest, ALayerCannotAllowWhatTheServerRefuses) {
  Add("orders/limits", "orders@7", {"order"});
  server_.Answer(ScriptedPolicy::Deny("append_only"));
  EXPECT_FALSE(Ask({"order"})->allow);
  server_.Answer(PolicyAnswer{false, {}, "rev-1", false});
  const auto silent = Ask({"order"});
  EXPECT_FALSE(silent->allow);
  EXPECT_FALSE(silent->permitted);
}

TEST_F(LayeredDeciderTest, ALayerThatDoesNotPermitRefuses) {
  Add("orders/limits", "orders@7", {"order"})->Answer(PolicyAnswer{false, {}, "x", false});
  PolicyAnswer answer = *Ask({"order"});
  Enforce("append", 0, answer);
  EXPECT_FALSE(answer.allow);
}

TEST_F(LayeredDeciderTest, TellsAllThatIsWrong) {
  Add("orders/limits", "orders@7", {"order"})->Answer(ScriptedPolicy::Deny("too_large"));
  server_.Answer(ScriptedPolicy::Deny("append_only"));
  std::vector<std::string> rules;
  const auto answer = Ask({"order"});
  ASSERT_TRUE(answer.ok()) << answer.status();
  for (const PolicyDenial& denial : answer->denials) rules.push_back(denial.rule);
  EXPECT_THAT(rules, ElementsAre("append_only", "orders/limits/too_large"));
}

TEST_F(LayeredDeciderTest, EachRuleHasTheModeThatItsOwnDataGiveIt) {
  PolicyAnswer shadowed = ScriptedPolicy::Deny("r");
  shadowed.modes = std::make_shared<const RuleModes>(
      RuleModes::Settings{{"append", {{"r", {RuleMode::kShadow, 1}}}}});
  Add("orders/limits", "orders@7", {"order"})->Answer(shadowed);

  PolicyAnswer answer = *Ask({"order"});
  Enforce("append", 0, answer);
  EXPECT_TRUE(answer.allow);
  ASSERT_EQ(answer.outcomes.size(), 1u);
  EXPECT_EQ(answer.outcomes.front().rule, "orders/limits/r");

  // The server's rule of the same name denies all the same.
  server_.Answer(ScriptedPolicy::Deny("r"));
  answer = *Ask({"order"});
  Enforce("append", 0, answer);
  EXPECT_FALSE(answer.allow);
  ASSERT_EQ(answer.denials.size(), 1u);
  EXPECT_EQ(answer.denials.front().rule, "r");
}

TEST_F(LayeredDeciderTest, ALayerDoesNotLowerARuleOfTheServer) {
  PolicyAnswer lowering = ScriptedPolicy::Deny("own");
  lowering.modes = std::make_shared<const RuleModes>(
      RuleModes::Settings{{"append", {{"append_only", {RuleMode::kOff, 1}}}}});
  Add("orders/limits", "orders@7", {"order"})->Answer(lowering);
  server_.Answer(ScriptedPolicy::Deny("append_only"));
  PolicyAnswer answer = *Ask({"order"});
  Enforce("append", 0, answer);
  EXPECT_THAT(answer.outcomes, IsEmpty());
  EXPECT_EQ(answer.denials.size(), 2u);
}

TEST_F(LayeredDeciderTest, WhatALayerCannotDecideIsNotAdmitted) {
  Add("orders/limits", "orders@7", {"order"})->Answer(Undecided(kTimeout, "too slow"));
  EXPECT_EQ(FailureOf(Ask({"order"}).status()), kTimeout);
  EXPECT_TRUE(Ask({"payment"}).ok());
}

TEST_F(LayeredDeciderTest, ALayerThatCannotBeUsedRefusesWhatIsItsAndTellsWhy) {
  layered_.SetLayers({{"orders/limits", "orders@7", {"order"}, nullptr, "it needs http.send"}});
  const auto answer = Ask({"order"});
  EXPECT_EQ(FailureOf(answer.status()), kNoPolicies);
  EXPECT_THAT(answer.status().message(), HasSubstr("orders/limits"));
  EXPECT_THAT(answer.status().message(), HasSubstr("http.send"));
  EXPECT_TRUE(Ask({"payment"}).ok());
  EXPECT_THAT(layered_.State().reason, HasSubstr("http.send"));
  EXPECT_TRUE(layered_.Decides("execute"));
}

TEST_F(LayeredDeciderTest, WhoIsRefusedForGoodIsNotToldToComeAgain) {
  layered_.SetLayers({{"orders/limits", "orders@7", {"order"}, nullptr, "it needs http.send"}});
  server_.Answer(ScriptedPolicy::Deny("append_only"));
  const auto refused = Ask({"order"});
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_FALSE(refused->allow);
  EXPECT_EQ(refused->revision, "rev-1");

  // A rule that may only warn refuses nothing yet.
  PolicyAnswer warned = ScriptedPolicy::Deny("r");
  warned.modes = std::make_shared<const RuleModes>(
      RuleModes::Settings{{"append", {{"r", {RuleMode::kWarn, 1}}}}});
  server_.Answer(warned);
  EXPECT_EQ(FailureOf(Ask({"order"}).status()), kNoPolicies);
}

TEST_F(LayeredDeciderTest, AnOperationWithoutAnEntrypointIsNotAsked) {
  const auto orders = Add("orders/limits", "orders@7", {"order"});
  EXPECT_FALSE(layered_.Decides("execute"));
  orders->DecideAlso("execute");
  EXPECT_TRUE(layered_.Decides("execute"));

  // The server's policies have none: they say nothing, and the layer decides.
  const auto answer = Ask({"order"}, "execute");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->allow);
  EXPECT_EQ(answer->revision, "none+orders@7");
  EXPECT_THAT(server_.questions(), IsEmpty());
  EXPECT_EQ(Ask({"payment"}, "execute")->revision, "none");
}

// What a command leads to is appended: it tells by which rules the command was let in.
TEST_F(LayeredDeciderTest, ALayerInForceIsNamedWhereItHasNothingToSay) {
  class OnlyExecute : public ScriptedPolicy {
   public:
    bool Decides(absl::string_view operation) override { return operation == "execute"; }
  };
  const auto orders = std::make_shared<OnlyExecute>();
  orders->Answer(ScriptedPolicy::Deny("r"));
  layered_.SetLayers({{"orders/limits", "orders@7", {"order"}, orders, ""}});
  const auto appended = Ask({"order"});
  ASSERT_TRUE(appended.ok()) << appended.status();
  EXPECT_TRUE(appended->allow);
  EXPECT_EQ(appended->revision, "rev-1+orders@7");
  EXPECT_THAT(orders->questions(), IsEmpty());
  EXPECT_FALSE(Ask({"order"}, "execute")->allow);
}

TEST_F(LayeredDeciderTest, AsksLayersAboutNothingElse) {
  const auto orders = Add("orders/limits", "orders@7", {"order"});
  orders->DecideAlso("read");
  server_.DecideAlso("read");
  EXPECT_EQ(Ask({"order"}, "read")->revision, "rev-1");
  EXPECT_THAT(orders->questions(), IsEmpty());
}

TEST_F(LayeredDeciderTest, AQuestionUnderWayKeepsItsLayers) {
  const auto orders = Add("orders/limits", "orders@7", {"order"});
  orders->Hold();
  std::string revision;
  layered_.Decide({"append", "{}", {"order"}}, absl::Seconds(1),
                  [&](absl::StatusOr<PolicyAnswer> answer) { revision = answer->revision; });
  layered_.SetLayers({});
  EXPECT_EQ(revision, "");
  EXPECT_EQ(Ask({"order"})->revision, "rev-1");
  orders->Release();
  EXPECT_EQ(revision, "rev-1+orders@7");
}

TEST(LayeredOverNone, AsksAboutWhatIsALayersOnly) {
  OpenDecider open;
  LayeredDecider layered(open);
  EXPECT_FALSE(layered.asks());
  EXPECT_FALSE(layered.Decides("execute"));
  auto orders = std::make_shared<ScriptedPolicy>();
  layered.SetLayers({{"orders/limits", "orders@1", {"order"}, orders, ""}});
  EXPECT_TRUE(layered.asks());
  EXPECT_EQ(Pending(layered, "append", "{}", absl::Seconds(1)).Get()->revision, "none");
}

}  // namespace
}  // namespace nexus::policy
