// Events in the frames of Confluent's serializers: what of them is stored, and what is refused.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/engine_fixture.h"
#include "gmock/gmock.h"
#include "schema/schema_content.h"

namespace nexus::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr char kFramed[] = "application/json; framing=confluent";

class FramedAppendTest : public EngineFixture {
 protected:
  void SetUp() override {
    EngineFixture::SetUp();
    RegisterOrderSchema();  // id 1
    const auto second = RegisterSchema("order.placed", R"({
      "type": "object",
      "properties": {"total": {"type": "number", "minimum": 0},
                     "note": {"type": "string", "default": ""}},
      "required": ["total"]})");
    ASSERT_TRUE(second.ok()) << second.status();
    const auto other = RegisterSchema("order.paid", R"({"type": "object", "title": "paid"})");
    ASSERT_TRUE(other.ok()) << other.status();
    ASSERT_EQ((*other)->id, 3u);
    guid_ = schema::GuidOf((*second)->digest);
  }
  static std::string Frame(char id, absl::string_view data) {
    return absl::StrCat(std::string("\0\0\0\0", 4), std::string(1, id), data);
  }
  static CommitDraft FramedDraft(std::string data, std::string content_type = kFramed) {
    CommitDraft draft = Draft("order-1", "order.placed", std::move(data));
    draft.streams[0].events[0].content_type = std::move(content_type);
    return draft;
  }
  CommitDraft NamedDraft(std::string data, std::string schema_id) {
    CommitDraft draft = Draft("order-1", "order.placed", std::move(data));
    draft.streams[0].events[0].metadata = {
        {"zone", "eu"}, {"__value_schema_id", std::move(schema_id)}, {"__a", "first"}};
    return draft;
  }
  absl::Status Refusal(CommitDraft draft) {
    const absl::Status status = AppendDraft(std::move(draft)).status();
    EXPECT_EQ(StreamReason("order-1"), ErrorReason::kStreamNotFound) << "something was stored";
    return status;
  }
  void DeleteVersion(uint32_t version, bool permanent = false) {
    schema::DeleteRequest request;
    request.subject = "order.placed";
    request.version = version;
    request.permanent = permanent;
    std::optional<absl::Status> status;
    engine_->DeleteSchema(std::move(request), {},
                          [&](auto versions) { status = versions.status(); });
    executor_.RunAll();
    ASSERT_TRUE(status.has_value() && status->ok()) << *status;
  }

  std::string guid_;  // of version 2
};

TEST_F(FramedAppendTest, StoresTheBareDataWithTheVersionOfTheFrame) {
  for (const char* type : {kFramed, "application/octet-stream; framing=confluent",
                           "application/json;FRAMING=Confluent"}) {
    const auto receipt = AppendDraft(FramedDraft(Frame(1, R"({"total":1})"), type));
    ASSERT_TRUE(receipt.ok()) << receipt.status();
  }
  const EventBatch stored = ReadStream("order-1");
  ASSERT_EQ(stored.events.size(), 3u);
  for (const RecordedEvent& event : stored.events) {
    EXPECT_EQ(event.data, R"({"total":1})");
    EXPECT_EQ(event.content_type, "application/json");
    EXPECT_EQ(event.schema_version, 1u);  // the latest is 2
  }
}

TEST_F(FramedAppendTest, KeepsTheOtherParametersOfTheContentType) {
  ASSERT_TRUE(AppendDraft(FramedDraft(Frame(1, R"({"total":1})"),
                                      "application/json; charset=utf-8; framing=confluent"))
                  .ok());
  EXPECT_EQ(ReadStream("order-1").events[0].content_type, "application/json; charset=utf-8");
}

TEST_F(FramedAppendTest, TakesTheSchemaFromTheMetadata) {
  const std::string bytes = absl::Base64Escape(Frame(1, ""));
  ASSERT_TRUE(AppendDraft(NamedDraft(R"({"total":1})", guid_)).ok());
  ASSERT_TRUE(AppendDraft(NamedDraft(R"({"total":1})", bytes)).ok());
  const EventBatch stored = ReadStream("order-1");
  ASSERT_EQ(stored.events.size(), 2u);
  EXPECT_EQ(stored.events[0].schema_version, 2u);
  EXPECT_EQ(stored.events[1].schema_version, 1u);
  EXPECT_EQ(stored.events[1].data, R"({"total":1})");
  EXPECT_THAT(stored.events[1].metadata, ElementsAre(Pair("__a", "first"), Pair("zone", "eu")));
}

TEST_F(FramedAppendTest, LooksForNoFrameUnlessItIsTold) {
  const absl::Status status = Refusal(FramedDraft(Frame(1, R"({"total":1})"), "application/json"));
  EXPECT_EQ(ReasonOf(status), ErrorReason::kMalformedJson) << status;
}

TEST_F(FramedAppendTest, ValidatesAgainstTheVersionOfTheFrame) {
  const absl::Status status = Refusal(FramedDraft(Frame(1, R"({"total":-1})")));
  EXPECT_EQ(ReasonOf(status), ErrorReason::kSchemaViolation) << status;
}

TEST_F(FramedAppendTest, RefusesWhatIsNoFrameAndSaysWhere) {
  for (const std::string& data : {std::string(), std::string("\0\0", 2),
                                  std::string("\x05\0\0\0\1{}", 7), std::string("{\"total\":1}")}) {
    const absl::Status status = Refusal(FramedDraft(data));
    EXPECT_EQ(ReasonOf(status), ErrorReason::kMalformedFrame) << status;
    ASSERT_EQ(DetailsOf(status).violations.size(), 1u);
    EXPECT_EQ(DetailsOf(status).violations[0].field, "streams[0].events[0].data");
  }
  const absl::Status named = Refusal(NamedDraft(R"({"total":1})", "nonsense!"));
  EXPECT_EQ(ReasonOf(named), ErrorReason::kMalformedFrame) << named;
  EXPECT_THAT(named.message(), HasSubstr("metadata[\"__value_schema_id\"]"));
  CommitDraft twice = NamedDraft(Frame(1, R"({"total":1})"), guid_);
  twice.streams[0].events[0].content_type = kFramed;
  EXPECT_EQ(ReasonOf(Refusal(std::move(twice))), ErrorReason::kMalformedFrame);
  EXPECT_EQ(ReasonOf(Refusal(FramedDraft("{}", "application/json; framing=other"))),
            ErrorReason::kMalformedRequest);
}

TEST_F(FramedAppendTest, RefusesASchemaThatIsNotOneOfTheEventType) {
  for (const char id : {9, 3}) {
    const absl::Status status = Refusal(FramedDraft(Frame(id, R"({"total":1})")));
    EXPECT_EQ(ReasonOf(status), ErrorReason::kSchemaNotRegistered) << status;
  }
  CommitDraft asks = FramedDraft(Frame(1, R"({"total":1})"));
  asks.streams[0].events[0].schema_version = 2;
  EXPECT_EQ(ReasonOf(Refusal(std::move(asks))), ErrorReason::kMalformedRequest);
  DeleteVersion(1);
  const absl::Status deleted = Refusal(FramedDraft(Frame(1, R"({"total":1})")));
  EXPECT_EQ(ReasonOf(deleted), ErrorReason::kSchemaNotRegistered) << deleted;
  EXPECT_THAT(deleted.message(), HasSubstr("deleted"));
}

TEST_F(FramedAppendTest, StoresNothingOfACommitInWhichOneFrameIsWrong) {
  CommitDraft draft = FramedDraft(Frame(1, R"({"total":1})"));
  draft.streams[0].events.push_back(draft.streams[0].events[0]);
  draft.streams[0].events[1].data = Frame(9, R"({"total":1})");
  const absl::Status status = Refusal(std::move(draft));
  EXPECT_THAT(status.message(), HasSubstr("streams[0].events[1].data"));
}

TEST_F(FramedAppendTest, RepeatsTheFirstAnswerThoughTheVersionIsGone) {
  CommitDraft draft = FramedDraft(Frame(1, R"({"total":1})"));
  draft.commit_id = "018f2b7e-0000-7000-8000-000000000001";
  draft.streams[0].events.push_back(draft.streams[0].events[0]);
  const auto first = AppendDraft(draft);
  ASSERT_TRUE(first.ok()) << first.status();
  for (const bool permanent : {false, true}) {
    DeleteVersion(1, permanent);
    const auto again = AppendDraft(draft);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(again->first, first->first);
  }
}

TEST_F(FramedAppendTest, ACheckLooksIntoTheFrameToo) {
  std::optional<absl::StatusOr<Verdict>> verdict;
  engine_->Check(FramedDraft(Frame(1, R"({"total":1})")), {},
                 [&](auto v) { verdict = std::move(v); });
  executor_.RunAll();
  ASSERT_TRUE(verdict.has_value() && verdict->ok());
  EXPECT_THAT((*verdict)->violations, IsEmpty());
  engine_->Check(FramedDraft("{}"), {}, [&](auto v) { verdict = std::move(v); });
  executor_.RunAll();
  EXPECT_EQ(ReasonOf(verdict->status()), ErrorReason::kMalformedFrame);
}

}  // namespace
}  // namespace nexus::engine
