#include "policy/opa/batch_answer.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/asking.h"

namespace nexus::policy {
namespace {

// The answer to one item whose decision is `decision`.
absl::StatusOr<PolicyAnswer> Decision(const std::string& decision) {
  const absl::StatusOr<BatchAnswer> batch =
      ParseBatchAnswer(absl::StrCat(R"({"result":{"0":)", decision, "}}"), 1);
  if (!batch.ok()) return batch.status();
  return batch->answers[0];
}

TEST(BatchAnswer, GivesEachItemItsOwn) {
  const auto batch = ParseBatchAnswer(
      R"({"result":{"1":{"allow":true,"deny":[]},"0":{"allow":false,"deny":[]}}})", 2);
  ASSERT_TRUE(batch.ok());
  EXPECT_FALSE(batch->answers[0]->allow);
  EXPECT_TRUE(batch->answers[1]->allow);
}

TEST(BatchAnswer, LeavesAMissingItemUndecidedAndTheOthersStand) {
  const auto batch = ParseBatchAnswer(R"({"result":{"1":{"allow":true,"deny":[]}}})", 3);
  ASSERT_TRUE(batch.ok());
  EXPECT_EQ(FailureOf(batch->answers[0].status()), "undefined");
  EXPECT_TRUE(batch->answers[1]->allow);
  EXPECT_EQ(FailureOf(batch->answers[2].status()), "undefined");
}

TEST(BatchAnswer, KeepsRulesAndMessages) {
  const auto answer = Decision(
      R"({"allow":false,"deny":[{"rule":"r1","message":"no \"x\""},{"rule":"r2","message":""}]})");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->denials, (std::vector<PolicyDenial>{{"r1", "no \"x\""}, {"r2", ""}}));
}

TEST(BatchAnswer, DoesNotAllowWhatIsAlsoDenied) {
  const auto answer = Decision(R"({"allow":true,"deny":[{"rule":"r","message":"m"}]})");
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(answer->allow);
}

TEST(BatchAnswer, GivesEveryAnswerTheEnforcementOfItsPolicies) {
  const auto batch = ParseBatchAnswer(
      R"({"result":{"0":{"allow":true,"deny":[]},
                    "enforcement":{"append":{"r":{"mode":"warn"}}}}})",
      1);
  ASSERT_TRUE(batch.ok()) << batch.status();
  ASSERT_NE(batch->answers[0]->modes, nullptr);
  EXPECT_EQ(batch->answers[0]->modes->ModeOf("append", "r", 0), RuleMode::kWarn);
}

TEST(BatchAnswer, IsNoneWithAMalformedEnforcement) {
  const auto batch = ParseBatchAnswer(
      R"({"result":{"0":{"allow":true,"deny":[]},"enforcement":{"append":{"r":"warn"}}}})", 1);
  EXPECT_EQ(FailureOf(batch.status()), "malformed_answer");
}

TEST(BatchAnswer, IgnoresFurtherFields) {
  EXPECT_TRUE(Decision(R"({"allow":true,"deny":[],"warn":["x"]})")->allow);
}

TEST(BatchAnswer, LeavesOtherShapesUndecided) {
  for (const char* decision :
       {"true", "null", "[]", "{}", R"({"allow":true})", R"({"deny":[]})",
        R"({"allow":"true","deny":[]})", R"({"allow":1,"deny":[]})", R"({"allow":null,"deny":[]})",
        R"({"allow":true,"deny":{}})", R"({"allow":true,"deny":null})",
        R"({"allow":false,"deny":["no"]})", R"({"allow":false,"deny":[{"rule":"r"}]})",
        R"({"allow":false,"deny":[{"rule":1,"message":"m"}]})"}) {
    EXPECT_EQ(FailureOf(Decision(decision).status()), "malformed_answer") << decision;
  }
}

TEST(BatchAnswer, IsRefusedAsAWholeIfItIsGarbage) {
  for (const char* body :
       {"", "x", "[]", "{", R"({"result":[]})", R"({"result":true})",
        R"({"result":{"0":{"allow":true,"deny":[]}})",
        R"({"result":{"7":{"allow":true,"deny":[]}}})", R"({"result":{"-1":{}}})",
        R"({"result":{"x":{}}})",
        R"({"result":{"0":{"allow":true,"deny":[]},"0":{"allow":true,"deny":[]}}})"}) {
    EXPECT_EQ(FailureOf(ParseBatchAnswer(body, 1).status()), "malformed_answer") << body;
  }
}

TEST(BatchAnswer, IsRefusedIfItNestsWithoutEnd) {
  const std::string deep = std::string(100'000, '[');
  EXPECT_FALSE(ParseBatchAnswer(absl::StrCat(R"({"result":)", deep), 1).ok());
}

TEST(BatchAnswer, KeepsABoundedNumberOfDenials) {
  std::string denials;
  for (int i = 0; i < 500; ++i) {
    absl::StrAppend(&denials, i == 0 ? "" : ",", R"({"rule":"r","message":"m"})");
  }
  EXPECT_EQ(Decision(absl::StrCat(R"({"allow":false,"deny":[)", denials, "]}"))->denials.size(),
            100u);
}

TEST(BatchAnswer, SaysWhenThereIsNoResult) {
  const auto batch = ParseBatchAnswer("{}", 1);
  ASSERT_TRUE(batch.ok());
  EXPECT_FALSE(batch->has_result);
  EXPECT_FALSE(batch->answers[0].ok());
}

std::string RevisionOf(const std::string& provenance) {
  return ParseBatchAnswer(absl::StrCat("{", provenance, R"("result":{}})"), 0)->revision;
}

TEST(BatchAnswer, TakesTheRevisionFromTheBundles) {
  EXPECT_EQ(RevisionOf(R"("provenance":{"bundles":{"/x":{"revision":"abc"}}},)"), "abc");
  EXPECT_EQ(RevisionOf(R"("provenance":{"bundles":{"a":{"revision":"1"},"b":{"revision":"2"}}},)"),
            "a=1,b=2");
}

TEST(BatchAnswer, SaysSoIfThereIsNoRevision) {
  EXPECT_EQ(RevisionOf(""), "unversioned");
  EXPECT_EQ(RevisionOf(R"("provenance":{"version":"1"},)"), "unversioned");
  EXPECT_EQ(RevisionOf(R"("provenance":{"bundles":{"a":{"revision":""}}},)"), "unversioned");
}

TEST(BatchAnswer, CarriesTheRevisionToEachAnswer) {
  const auto batch = ParseBatchAnswer(R"({"result":{"0":{"allow":true,"deny":[]}},)"
                                      R"("provenance":{"bundles":{"x":{"revision":"r"}}}})",
                                      1);
  EXPECT_EQ(batch->answers[0]->revision, "r");
}

TEST(EngineError, IsWhatOpaSays) {
  EXPECT_EQ(ParseEngineError(R"({"code":"internal_error","message":"oh",)"
                             R"("errors":[{"message":"why"}]})"),
            "internal_error: oh: why");
  EXPECT_EQ(ParseEngineError(R"({"code":"c","message":"m"})"), "c: m");
}

TEST(EngineError, IsEmptyForAnythingElse) {
  for (const char* body : {"", "<html>", "{}", "[]", R"({"code":1,"message":"m"})"}) {
    EXPECT_EQ(ParseEngineError(body), "") << body;
  }
}

}  // namespace
}  // namespace nexus::policy
