// What the engine asks the policies beside commits, and what it makes of rules that do not deny
// yet.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine_fixture.h"
#include "gmock/gmock.h"
#include "nexus/core/rule_modes.h"

namespace nexus::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PolicyQuestionsTest : public EngineFixture {
 protected:
  void SetUp() override {
    EngineFixture::SetUp();
    SetCategory("order", false);
    ASSERT_TRUE(Append("order-1", "placed", "1").ok());
    asked_before_ = policy_.questions().size();
  }
  // Operations that were asked about since the test began.
  std::vector<std::string> Asked() {
    std::vector<std::string> operations;
    const std::vector<PolicyQuestion> questions = policy_.questions();
    for (size_t i = asked_before_; i < questions.size(); ++i) {
      operations.push_back(questions[i].operation);
    }
    return operations;
  }
  std::string LastInput() { return policy_.questions().back().input_json; }
  ErrorReason ReadReason(ReadQuery query) { return ReasonOf(OpenRead(std::move(query)).status()); }
  ErrorReason SubscribeReason(subscription::SubscribeOptions options) {
    std::optional<absl::Status> status;
    engine_->Subscribe(std::move(options), {}, [&](auto opened) { status = opened.status(); });
    executor_.RunAll();
    return status.has_value() ? ReasonOf(*status) : ErrorReason::kInternal;
  }
  // A denial by `rule`, which is in `mode`.
  void DenyBy(const std::string& operation, const std::string& rule, RuleMode mode,
              double share = 1) {
    PolicyAnswer answer = fake::ScriptedPolicy::Deny(rule);
    answer.modes = std::make_shared<const RuleModes>(
        RuleModes::Settings{{operation, {{rule, {mode, share}}}}});
    policy_.Answer(std::move(answer));
  }
  double Outcomes(const std::string& operation, const std::string& rule, const std::string& mode) {
    return metrics_.Value("nexus_policy_rule_outcomes_total{operation=" + operation +
                          ",rule=" + rule + ",mode=" + mode + "}");
  }

  size_t asked_before_ = 0;
};

TEST_F(PolicyQuestionsTest, AskNothingWherePoliciesDoNotDecideReads) {
  policy_.Answer(fake::ScriptedPolicy::Deny("nothing"));
  EXPECT_EQ(ReadReason({.stream = "order-1"}), ErrorReason::kUnspecified);
  EXPECT_EQ(SubscribeReason({}), ErrorReason::kUnspecified);
  EXPECT_THAT(Asked(), IsEmpty());
}

TEST_F(PolicyQuestionsTest, AskOnceAtTheBeginningOfARead) {
  policy_.DecideAlso("read");
  policy_.DecideAlso("query");
  EXPECT_THAT(Types("order-1"), ElementsAre("placed"));
  EXPECT_THAT(Asked(), ElementsAre("read"));
  EXPECT_THAT(LastInput(), HasSubstr(R"("call":"read","stream":{"name":"order-1")"));
}

TEST_F(PolicyQuestionsTest, AskAboutATimeBoundedReadAsAQueryToo) {
  policy_.DecideAlso("read");
  policy_.DecideAlso("query");
  EXPECT_EQ(ReadReason({.stream = "order-1", .from_time = Timestamp{1}}),
            ErrorReason::kUnspecified);
  EXPECT_THAT(Asked(), ElementsAre("read", "query"));
  EXPECT_THAT(LastInput(), HasSubstr(R"("operation":"query")"));
  EXPECT_THAT(LastInput(), HasSubstr(R"("time":{"from_the_beginning":false)"));
}

TEST_F(PolicyQuestionsTest, AskAboutAQueryEvenIfReadsAreFree) {
  policy_.DecideAlso("query");
  policy_.Answer(fake::ScriptedPolicy::Deny("too_far_back"));
  EXPECT_EQ(ReadReason({.to_time = Timestamp{5}}), ErrorReason::kPolicyDenied);
  EXPECT_EQ(ReadReason({}), ErrorReason::kUnspecified);
  EXPECT_THAT(Asked(), ElementsAre("query"));
}

TEST_F(PolicyQuestionsTest, MakeNoIdForWhatIsNotAsked) {
  const auto ids_taken = [this](auto ask) {
    const uint8_t before = ids_.NewUuid()[15];
    ask();
    return static_cast<uint8_t>(ids_.NewUuid()[15] - before - 1);
  };
  const auto by_time = [this] { (void)ReadReason({.stream = "order-1", .to_time = Timestamp{5}}); };
  EXPECT_EQ(ids_taken(by_time), 0);
  policy_.DecideAlso("query");
  EXPECT_EQ(ids_taken(by_time), 1);
  policy_.DecideAlso("read");
  EXPECT_EQ(ids_taken(by_time), 2);
}

TEST_F(PolicyQuestionsTest, RefuseAReadThatThePolicyDenies) {
  policy_.DecideAlso("read");
  policy_.Answer(fake::ScriptedPolicy::Deny("not_yours"));
  EXPECT_EQ(ReadReason({.stream = "order-1"}), ErrorReason::kPolicyDenied);
  std::optional<absl::Status> stream;
  engine_->GetStream("order-1", {}, [&](auto info) { stream = info.status(); });
  std::optional<absl::Status> list;
  engine_->ListStreams({}, {}, [&](auto page) { list = page.status(); });
  std::optional<absl::Status> observed;
  engine_->questions().AskAboutObservation({}, [&](absl::Status asked) { observed = asked; });
  std::optional<absl::Status> graph;
  engine_->questions().AskAboutGraph({}, [&](absl::Status asked) { graph = asked; });
  executor_.RunAll();
  EXPECT_EQ(ReasonOf(*graph), ErrorReason::kPolicyDenied);
  EXPECT_EQ(ReasonOf(*stream), ErrorReason::kPolicyDenied);
  EXPECT_EQ(ReasonOf(*list), ErrorReason::kPolicyDenied);
  EXPECT_EQ(ReasonOf(*observed), ErrorReason::kPolicyDenied);
  EXPECT_EQ(Asked().size(), 5u);
}

TEST_F(PolicyQuestionsTest, RefuseASubscriptionThatThePolicyDenies) {
  policy_.DecideAlso("subscribe");
  policy_.Answer(fake::ScriptedPolicy::Deny("not_yours"));
  EXPECT_EQ(SubscribeReason({.stream = "order-1"}), ErrorReason::kPolicyDenied);
  EXPECT_THAT(Asked(), ElementsAre("subscribe"));
}

TEST_F(PolicyQuestionsTest, FailClosedWhereAReadCannotBeDecided) {
  policy_.DecideAlso("read");
  policy_.DecideAlso("subscribe");
  policy_.Answer(MakeError(ErrorReason::kPolicyUnavailable, "gone"));
  EXPECT_EQ(ReadReason({.stream = "order-1"}), ErrorReason::kPolicyUnavailable);
  EXPECT_EQ(SubscribeReason({}), ErrorReason::kPolicyUnavailable);
}

TEST_F(PolicyQuestionsTest, ReadNothingBeforeTheAnswerIsThere) {
  policy_.DecideAlso("read");
  policy_.Hold();
  std::optional<absl::Status> opened;
  engine_->OpenRead({.stream = "order-1"}, {}, [&](auto cursor) { opened = cursor.status(); });
  executor_.RunAll();
  EXPECT_FALSE(opened.has_value());
  policy_.Release();
  executor_.RunAll();
  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(opened->ok());
}

TEST_F(PolicyQuestionsTest, AskAboutMaintenance) {
  policy_.DecideAlso("admin");
  std::optional<absl::Status> asked;
  engine_->questions().AskAboutAdmin("drain", {}, [&](absl::Status status) { asked = status; });
  EXPECT_TRUE(asked->ok());
  EXPECT_THAT(LastInput(), HasSubstr(R"("action":"drain")"));
  policy_.Answer(fake::ScriptedPolicy::Deny("not_now"));
  engine_->questions().AskAboutAdmin("drain", {}, [&](absl::Status status) { asked = status; });
  EXPECT_EQ(ReasonOf(*asked), ErrorReason::kPolicyDenied);
}

TEST_F(PolicyQuestionsTest, StampAChangeOfAccessWithWhatDecided) {
  const policy::AccessChangeFacts facts{.action = "create_token", .member = "billing"};
  std::optional<absl::StatusOr<AdmissionStamp>> stamp;
  const auto ask = [&] {
    engine_->questions().AskAboutAccess(facts, {}, [&](auto answer) { stamp = std::move(answer); });
  };
  ask();
  ASSERT_TRUE(stamp->ok());
  EXPECT_EQ((*stamp)->policy_revision, "none") << "nobody was asked";
  policy_.DecideAlso("access_change");
  ask();
  ASSERT_TRUE(stamp->ok());
  EXPECT_EQ((*stamp)->policy_revision, "rev-1");
  EXPECT_EQ((*stamp)->decision_id.size(), 36u);
  policy_.Answer(fake::ScriptedPolicy::Deny("tokens_expire"));
  ask();
  EXPECT_EQ(ReasonOf(stamp->status()), ErrorReason::kPolicyDenied);
}

TEST_F(PolicyQuestionsTest, ShadowAdmitsAndCounts) {
  DenyBy("append", "new_rule", RuleMode::kShadow);
  const auto receipt = Append("order-1", "placed", "2");
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_THAT(receipt->warnings, IsEmpty());
  EXPECT_EQ(Outcomes("append", "new_rule", "shadow"), 1);
}

TEST_F(PolicyQuestionsTest, WarnAdmitsAndTellsTheWriter) {
  DenyBy("append", "new_rule", RuleMode::kWarn);
  const auto receipt = Append("order-1", "placed", "2");
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_THAT(receipt->warnings,
              ElementsAre(AppendWarning{"", "", "the script says no", "new_rule"}));
  EXPECT_EQ(Outcomes("append", "new_rule", "warn"), 1);
}

TEST_F(PolicyQuestionsTest, DenyRefusesAndIsCountedToo) {
  DenyBy("append", "new_rule", RuleMode::kDeny);
  EXPECT_EQ(ReasonOf(Append("order-1", "placed", "2").status()), ErrorReason::kPolicyDenied);
  EXPECT_EQ(Outcomes("append", "new_rule", "deny"), 1);
}

TEST_F(PolicyQuestionsTest, ShareIsOfCommitsAndTheSameForARetry) {
  DenyBy("append", "new_rule", RuleMode::kDeny, 0.5);
  int refused = 0;
  for (int i = 0; i < 40; ++i) {
    CommitDraft draft = Draft("order-1", "placed", "2");
    draft.commit_id = FormatUuid(ids_.NewUuid());
    const absl::StatusOr<CommitReceipt> first = AppendDraft(draft);
    const absl::StatusOr<CommitReceipt> again = AppendDraft(draft);
    EXPECT_EQ(first.ok(), again.ok());
    refused += first.ok() ? 0 : 1;
  }
  EXPECT_GT(refused, 5);
  EXPECT_LT(refused, 35);
}

TEST_F(PolicyQuestionsTest, ShadowHoldsForReadsAndChangesOfSchemasToo) {
  policy_.DecideAlso("read");
  DenyBy("read", "new_rule", RuleMode::kShadow);
  EXPECT_EQ(ReadReason({.stream = "order-1"}), ErrorReason::kUnspecified);
  DenyBy("register_schema", "other_rule", RuleMode::kShadow);
  EXPECT_TRUE(RegisterSchema("paid", "true").ok());
  EXPECT_EQ(Outcomes("read", "new_rule", "shadow"), 1);
  EXPECT_EQ(Outcomes("register_schema", "other_rule", "shadow"), 1);
}

TEST_F(PolicyQuestionsTest, LogOneLineForManyAdmissionsInShadow) {
  DenyBy("append", "new_rule", RuleMode::kShadow);
  const auto lines = [&] {
    size_t count = 0;
    for (const std::string& line : logger_.lines()) {
      count += line.rfind("a rule would have refused", 0) == 0 ? 1 : 0;
    }
    return count;
  };
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Append("order-1", "placed", "2").ok());
  EXPECT_EQ(lines(), 1u);
  clock_.Advance(absl::Seconds(11));
  ASSERT_TRUE(Append("order-1", "placed", "2").ok());
  EXPECT_EQ(lines(), 2u);
}

TEST_F(PolicyQuestionsTest, SayWhyALoweredRuleStillRefuses) {
  PolicyAnswer answer{false, {{"new_rule", "no"}}, "rev-1", false};
  answer.modes = std::make_shared<const RuleModes>(
      RuleModes::Settings{{"append", {{"new_rule", {RuleMode::kShadow, 1}}}}});
  policy_.Answer(std::move(answer));
  const auto refused = Append("order-1", "placed", "2");
  EXPECT_EQ(ReasonOf(refused.status()), ErrorReason::kPolicyDenied);
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("`allow` must not depend on `deny`"));
}

TEST_F(PolicyQuestionsTest, TellThePolicyTheDataClassesOfAnEventsSchema) {
  ASSERT_TRUE(RegisterSchema("person", R"({"type":"object","properties":{
      "id":{"type":"string","x-nexus-subject-key":true},
      "mail":{"type":"string","x-nexus-class":"pii.email"},
      "others":{"type":"array","items":{"type":"string","x-nexus-class":"pii.email"}},
      "iban":{"type":"string","x-nexus-class":"finance.account"}}})")
                  .ok());
  ASSERT_TRUE(Append("order-1", "person", R"({"id":"p1"})").ok());
  EXPECT_THAT(LastInput(),
              HasSubstr(R"("classes":["finance.account","pii.email"],"subject_key":true})"));
  ASSERT_TRUE(Append("order-1", "placed", "2").ok());
  EXPECT_THAT(LastInput(), ::testing::Not(HasSubstr("classes")));
}

}  // namespace
}  // namespace nexus::engine
