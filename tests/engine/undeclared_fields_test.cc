// What the door does with fields that a schema does not declare.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "engine/engine_fixture.h"
#include "nexus/core/errors.h"

namespace nexus::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kGood[] = R"({"total":1})";
constexpr char kSlip[] = R"({"total":1,"totl":2})";

class UndeclaredFieldsTest : public EngineFixture {
 protected:
  void SetUp() override {
    EngineFixture::SetUp();
    RegisterOrderSchema();
  }
  void Set(const std::string& subject, UndeclaredFields undeclared) {
    schema::ValidationSettings settings;
    settings.subject = subject;
    settings.undeclared_fields = undeclared;
    std::optional<absl::Status> status;
    engine_->UpdateValidation(settings, {}, [&](auto now) { status = now.status(); });
    executor_.RunAll();
    ASSERT_TRUE(status.has_value() && status->ok());
  }
  double Counted(const std::string& action) {
    return metrics_.Value("nexus_undeclared_field_events_total{action=" + action + "}");
  }
};

TEST_F(UndeclaredFieldsTest, AreAcceptedInSilenceWhereNobodyHasDecided) {
  const auto receipt = Append("order-1", "order.placed", kSlip);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_THAT(receipt->warnings, IsEmpty());
  EXPECT_EQ(Counted("warn"), 0);
}

TEST_F(UndeclaredFieldsTest, AreToldAndCountedWhereTheSubjectWarns) {
  Set("order.placed", UndeclaredFields::kWarn);
  const auto receipt = Append("order-1", "order.placed", kSlip);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  ASSERT_THAT(receipt->warnings, SizeIs(1));
  EXPECT_EQ(receipt->warnings[0].field, "streams[0].events[0].data");
  EXPECT_EQ(receipt->warnings[0].pointer, "/totl");
  EXPECT_THAT(receipt->warnings[0].message, HasSubstr("is \"total\" meant?"));
  EXPECT_EQ(Counted("warn"), 1);
  EXPECT_THAT(Append("order-1", "order.placed", kGood)->warnings, IsEmpty());
  EXPECT_EQ(Counted("warn"), 1);
}

TEST_F(UndeclaredFieldsTest, AreRefusedWithPointerAndHintWhereTheSubjectRejects) {
  Set("", UndeclaredFields::kReject);
  const absl::Status status = Append("order-1", "order.placed", kSlip).status();
  const ErrorDetails details = DetailsOf(status);
  EXPECT_EQ(details.reason, ErrorReason::kUndeclaredField);
  ASSERT_THAT(details.violations, SizeIs(1));
  EXPECT_EQ(details.violations[0].field, "streams[0].events[0].data");
  EXPECT_EQ(details.violations[0].pointer, "/totl");
  EXPECT_THAT(details.violations[0].expected, HasSubstr("\"total\""));
  EXPECT_EQ(StreamReason("order-1"), ErrorReason::kStreamNotFound);
  EXPECT_EQ(Counted("reject"), 1);
  EXPECT_EQ(metrics_.Value("nexus_appends_total{result=UNDECLARED_FIELD}"), 1);
  EXPECT_TRUE(Append("order-1", "order.placed", kGood).ok());
}

TEST_F(UndeclaredFieldsTest, StandBesideABrokenRule) {
  Set("order.placed", UndeclaredFields::kReject);
  const ErrorDetails details =
      DetailsOf(Append("order-1", "order.placed", R"({"totl":2})").status());
  EXPECT_EQ(details.reason, ErrorReason::kSchemaViolation);
  ASSERT_THAT(details.violations, SizeIs(2));
  EXPECT_EQ(details.violations[0].keyword, "required");
  EXPECT_EQ(details.violations[1].pointer, "/totl");
}

TEST_F(UndeclaredFieldsTest, ADenialOfThePolicyComesFirst) {
  Set("order.placed", UndeclaredFields::kReject);
  policy_.Answer(fake::ScriptedPolicy::Deny("no"));
  EXPECT_EQ(ReasonOf(Append("order-1", "order.placed", kSlip).status()),
            ErrorReason::kPolicyDenied);
}

TEST_F(UndeclaredFieldsTest, ARetryOfWhatWasAcceptedGetsItsReceiptUnderAStricterSetting) {
  CommitDraft draft = Draft("order-1", "order.placed", kSlip);
  draft.commit_id = "018f0000-0000-7000-8000-000000000001";
  const auto first = AppendDraft(draft);
  ASSERT_TRUE(first.ok()) << first.status();
  Set("order.placed", UndeclaredFields::kReject);
  const auto again = AppendDraft(draft);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->first, first->first);
}

TEST_F(UndeclaredFieldsTest, OfManyEventsAllAreCountedAndSomeTold) {
  Set("order.placed", UndeclaredFields::kWarn);
  CommitDraft draft = Draft("order-1", "order.placed", kSlip);
  const EventDraft event = draft.streams[0].events[0];
  for (int i = 1; i < 150; ++i) draft.streams[0].events.push_back(event);
  const auto receipt = AppendDraft(draft);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_THAT(receipt->warnings, SizeIs(100));
  EXPECT_EQ(receipt->warnings[99].field, "streams[0].events[99].data");
  EXPECT_EQ(Counted("warn"), 150);
}

}  // namespace
}  // namespace nexus::engine
