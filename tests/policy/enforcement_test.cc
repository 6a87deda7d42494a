// The ladder: what becomes of denials by rules that may not deny yet. The same by every engine.

#include "policy/enforcement.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/asking.h"
#include "policy/compiled_policies.h"
#include "policy/embedded.h"
#include "policy/opa/opa_decider.h"
#include "policy/opa/opa_supervisor.h"
#include "policy/real_opa.h"
#include "policy/steady_clock.h"
#include "policy/temporary_folder.h"

namespace nexus::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

PolicyAnswer Denied(bool permitted, RuleModes::Settings settings) {
  PolicyAnswer answer{false, {{"a", "by a"}, {"b", "by b"}}, "rev", permitted};
  answer.modes = std::make_shared<const RuleModes>(std::move(settings));
  return answer;
}

TEST(Enforce, LeavesAnAnswerWithoutModesAsItIs) {
  PolicyAnswer answer{false, {{"a", "by a"}}, "rev", true};
  Enforce("append", 1, answer);
  EXPECT_FALSE(answer.allow);
  EXPECT_EQ(answer.denials.size(), 1u);
}

TEST(Enforce, RefusesByTheRulesThatDeny) {
  PolicyAnswer answer = Denied(true, {{"append", {{"a", {RuleMode::kWarn, 1}}}}});
  Enforce("append", 1, answer);
  EXPECT_FALSE(answer.allow);
  EXPECT_THAT(answer.denials, ElementsAre(PolicyDenial{"b", "by b"}));
  EXPECT_THAT(answer.outcomes, ElementsAre(RuleOutcome{"a", "by a", RuleMode::kWarn}));
}

TEST(Enforce, AdmitsWhatNoRuleMayDenyYet) {
  PolicyAnswer answer =
      Denied(true, {{"append", {{"a", {RuleMode::kShadow, 1}}, {"b", {RuleMode::kOff, 1}}}}});
  Enforce("append", 1, answer);
  EXPECT_TRUE(answer.allow);
  EXPECT_THAT(answer.denials, IsEmpty());
  EXPECT_THAT(answer.outcomes, ElementsAre(RuleOutcome{"a", "by a", RuleMode::kShadow}));
}

TEST(Enforce, NeverAdmitsWhatThePolicyItselfDoesNotAllow) {
  PolicyAnswer answer =
      Denied(false, {{"append", {{"a", {RuleMode::kShadow, 1}}, {"b", {RuleMode::kOff, 1}}}}});
  Enforce("append", 1, answer);
  EXPECT_FALSE(answer.allow);
}

TEST(Enforce, KnowsRulesByTheirOperation) {
  PolicyAnswer answer =
      Denied(true, {{"read", {{"a", {RuleMode::kShadow, 1}}, {"b", {RuleMode::kOff, 1}}}}});
  Enforce("append", 1, answer);
  EXPECT_FALSE(answer.allow);
  EXPECT_EQ(answer.denials.size(), 2u);
}

// Two rules, of which the data say how far they are enforced.
constexpr char kPolicy[] = R"(package nexus.append

default allow := false

allow if input.operation == "append"

decision := {"allow": allow, "deny": [d | some d in deny]}

# METADATA
# title: Few
# custom:
#   rule: few
deny contains {"rule": "few", "message": "too many"} if input.n > 1

# METADATA
# title: Even
# custom:
#   rule: even
deny contains {"rule": "even", "message": "odd"} if input.n % 2 == 1
)";

Sources With(const std::string& enforcement) {
  return {{"append.rego", kPolicy},
          {"data.json", absl::StrCat(R"({"nexus":{"enforcement":)", enforcement, "}}")}};
}

class EnforcementTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { RequireOpa(); }

  absl::Status Start(const Sources& sources) {
    if (GetParam() == "embedded") {
      absl::StatusOr<WasmBundle> bundle = Compile(sources);
      if (!bundle.ok()) return bundle.status();
      return embedded_.Start(*std::move(bundle));
    }
    for (const auto& [path, content] : sources) folder_.Write("policies/" + path, content);
    OpaSupervisorOptions options;
    options.work_folder = folder_.Sub("work");
    options.policy_folder = folder_.Sub("policies");
    auto supervisor = OpaSupervisor::Start(options, clock_);
    if (!supervisor.ok()) return supervisor.status();
    supervisor_ = *std::move(supervisor);
    OpaDeciderOptions decider;
    decider.address = supervisor_->address();
    decider.operations = supervisor_->operations();
    opa_ = *OpaDecider::Create(decider, clock_);
    return absl::OkStatus();
  }
  PolicyDecider& decider() {
    return GetParam() == "embedded" ? static_cast<PolicyDecider&>(embedded_.decider()) : *opa_;
  }
  // "allowed", "denied" and the rules that are told, with their modes.
  std::string Outcome(const std::string& input, uint64_t share_key = 0) {
    absl::StatusOr<PolicyAnswer> answer = Ask(decider(), input);
    if (!answer.ok()) return std::string(answer.status().message());
    Enforce("append", share_key, *answer);
    std::vector<std::string> words = {answer->allow ? "allowed" : "denied"};
    for (const PolicyDenial& denial : answer->denials) words.push_back(denial.rule);
    for (const RuleOutcome& outcome : answer->outcomes) {
      words.push_back(absl::StrCat(outcome.rule, "=", RuleModeName(outcome.mode)));
    }
    return absl::StrJoin(words, " ");
  }

  TemporaryFolder folder_;
  SteadyClock clock_;
  Embedded embedded_;
  std::unique_ptr<OpaSupervisor> supervisor_;
  std::unique_ptr<OpaDecider> opa_;
};

constexpr char kThree[] = R"({"operation":"append","n":3})";

TEST_P(EnforcementTest, TakesARuleFromOffToDenyByItsDataAlone) {
  ASSERT_TRUE(Start(With(R"({"append":{"few":{"mode":"shadow"},"even":{"mode":"warn"}}})")).ok());
  EXPECT_THAT(Outcome(kThree),
              testing::AnyOf("allowed few=shadow even=warn", "allowed even=warn few=shadow"));
  EXPECT_EQ(Outcome(R"({"operation":"append","n":2})"), "allowed few=shadow");
  EXPECT_EQ(Outcome(R"({"operation":"append","n":0})"), "allowed");
  EXPECT_EQ(Outcome(R"({"operation":"other","n":2})"), "denied few=shadow");
}

TEST_P(EnforcementTest, DeniesByRulesOfWhichTheDataSayNothing) {
  ASSERT_TRUE(Start(With(R"({"append":{"few":{"mode":"off"}}})")).ok());
  EXPECT_EQ(Outcome(kThree), "denied even");
}

TEST_P(EnforcementTest, AppliesAShareToEachCommitBehindTheCache) {
  ASSERT_TRUE(
      Start(With(R"({"append":{"few":{"mode":"deny","share":0.5},"even":{"mode":"off"}}})")).ok());
  int denied = 0;
  for (int i = 0; i < 64; ++i) {
    const uint64_t key = ShareKey(absl::StrCat(i));
    const std::string outcome = Outcome(kThree, key);
    const RuleModes same({{"append", {{"few", {RuleMode::kDeny, 0.5}}}}});
    const bool within = same.ModeOf("append", "few", key) == RuleMode::kDeny;
    EXPECT_EQ(outcome, within ? "denied few" : "allowed few=warn");
    denied += within ? 1 : 0;
  }
  EXPECT_GT(denied, 10);
  EXPECT_LT(denied, 54);
}

TEST_P(EnforcementTest, IsRefusedAtTheStartWhereItNamesAnUnknownRuleOrABadShare) {
  const absl::Status unknown = Start(With(R"({"append":{"fwe":{"mode":"off"}}})"));
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("enforcement.append.fwe"));
  const absl::Status share = Start(With(R"({"append":{"few":{"mode":"warn","share":2}}})"));
  EXPECT_THAT(std::string(share.message()), HasSubstr("enforcement.append.few.share"));
}

TEST_P(EnforcementTest, KnowsWhichOperationsArePutToIt) {
  Sources sources = With("{}");
  sources["read.rego"] = "package nexus.read\n\ndecision := {\"allow\": true, \"deny\": []}\n";
  sources["query.rego"] = "package nexus.query\n\nhelper := 1\n";
  ASSERT_TRUE(Start(sources).ok());
  EXPECT_TRUE(decider().Decides("append"));
  EXPECT_TRUE(decider().Decides("read"));
  EXPECT_FALSE(decider().Decides("query")) << "a package without a decision";
  EXPECT_FALSE(decider().Decides("subscribe"));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, EnforcementTest, testing::Values("embedded", "opa"),
                         [](const auto& with) { return with.param; });

}  // namespace
}  // namespace nexus::policy
