// What a user gets: a schema, an event, three refusals that explain themselves, and the good event
// in a subscription and at the sink that its criticality chose.

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

using ::testing::HasSubstr;

class GovernedAppendTest : public DaemonFixture {
 protected:
  void SetUp() override {
    StartDaemon();
    RegisterOrders();
  }

  // All of what the sinks whose file name begins with `prefix` hold, once it has `needle`.
  std::string Outbox(const std::string& prefix, const std::string& needle) {
    std::string text;
    fake::Eventually([&] {
      text.clear();
      std::error_code error;
      for (const auto& entry :
           std::filesystem::directory_iterator(folder_ / "data/outbox", error)) {
        if (!absl::StartsWith(entry.path().filename().string(), prefix)) continue;
        std::ifstream in(entry.path());
        text.append(std::istreambuf_iterator<char>(in), {});
      }
      return absl::StrContains(text, needle);
    });
    return text;
  }
};

TEST_F(GovernedAppendTest, StoresAGoodEventWithTheStampOfTheServer) {
  v1::AppendResponse response;
  const grpc::Status status =
      Append(OneEvent("order-1", "order.placed", R"({"total": 5})"), &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.streams(0).first_revision(), 0u);
  const std::vector<v1::Event> events = ReadStream("order-1");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].schema_version(), 1u);
  EXPECT_EQ(events[0].admission().principal(), "anonymous");
  EXPECT_FALSE(events[0].admission().decision_id().empty());
  EXPECT_EQ(events[0].admission().policy_revision().size(), 64u);
  EXPECT_EQ(events[0].correlation_id(), response.commit_id());
  EXPECT_EQ(events[0].position(), response.first_position());
}

TEST_F(GovernedAppendTest, RefusesAMalformedEventWithPointerAndKeyword) {
  const grpc::Status status = AppendOrder("order-1", R"({"total": -3})");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "SCHEMA_VIOLATION");
  const auto request = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_EQ(request.field_violations_size(), 1);
  EXPECT_EQ(request.field_violations(0).field(), "streams[0].events[0].data#/total");
  EXPECT_THAT(request.field_violations(0).description(), HasSubstr("minimum"));
  EXPECT_TRUE(ReadStream("order-1").empty());
}

TEST_F(GovernedAppendTest, RefusesAForbiddenEventWithTheRule) {
  v1::AppendRequest request = OneEvent("order-1", "order.placed", R"({"total": 5})");
  v1::NewEvent& event = *request.mutable_streams(0)->mutable_events(0);
  event.mutable_routing()->set_criticality(v1::CRITICALITY_HIGH);
  const grpc::Status status = Append(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(ReasonOf(status), "POLICY_DENIED");
  const auto failure = DetailOf<google::rpc::PreconditionFailure>(status);
  ASSERT_EQ(failure.violations_size(), 1);
  EXPECT_EQ(failure.violations(0).subject(), "critical_event_needs_owner");
  (*event.mutable_metadata())["owner"] = "team-orders";
  EXPECT_TRUE(Append(request).ok());
}

TEST_F(GovernedAppendTest, DeliversEachEventToTheSinkOfItsCriticality) {
  v1::AppendRequest critical = OneEvent("order-1", "order.placed", R"({"total": 1})");
  v1::NewEvent& event = *critical.mutable_streams(0)->mutable_events(0);
  event.mutable_routing()->set_max_latency_ms(999);
  event.set_correlation_id("process-7");
  ASSERT_TRUE(Append(critical).ok());
  ASSERT_TRUE(AppendOrder("order-2", R"({"total": 2})").ok());
  const std::string fast = Outbox("critical", "order-1");
  EXPECT_THAT(fast, HasSubstr(R"("specversion":"1.0")"));
  EXPECT_THAT(fast, HasSubstr(R"("nexuscorrelationid":"process-7")"));
  EXPECT_THAT(fast, HasSubstr(R"("data":{"total":)"));
  const std::string standard = Outbox("standard", "order-2");
  EXPECT_THAT(standard, HasSubstr("order-2"));
  EXPECT_FALSE(absl::StrContains(standard, "order-1"));
}

TEST_F(GovernedAppendTest, ChecksAndExplainsWithoutStoring) {
  v1::CheckRequest check;
  *check.mutable_append() = OneEvent("order-1", "order.placed", R"({"total": 5})");
  check.mutable_append()->mutable_streams(0)->mutable_events(0)->mutable_routing()->set_criticality(
      v1::CRITICALITY_HIGH);
  v1::CheckResponse decision;
  ASSERT_TRUE(policy_->Check(Context().get(), check, &decision).ok());
  EXPECT_FALSE(decision.allowed());
  EXPECT_EQ(decision.denials(0).rule(), "critical_event_needs_owner");
  v1::ExplainRequest explain;
  *explain.mutable_append() = check.append();
  v1::ExplainResponse explained;
  ASSERT_TRUE(policy_->Explain(Context().get(), explain, &explained).ok());
  EXPECT_THAT(explained.input(), HasSubstr("order.placed"));
  EXPECT_EQ(explained.engine(), "embedded");
  EXPECT_TRUE(ReadStream("order-1").empty());
}

TEST_F(GovernedAppendTest, ReportsEveryFailedExpectationAtOnce) {
  ASSERT_TRUE(AppendOrder("order-1", R"({"total": 1})").ok());
  v1::AppendRequest request = OneEvent("order-1", "order.placed", R"({"total": 1})");
  request.mutable_streams(0)->mutable_expected_revision()->set_exact(7);
  v1::StreamAppend& check = *request.add_streams();
  check.set_stream("order-2");
  check.mutable_expected_revision()->mutable_stream_exists();
  const grpc::Status status = Append(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "REVISION_CONFLICT");
  const auto failure = DetailOf<google::rpc::PreconditionFailure>(status);
  ASSERT_EQ(failure.violations_size(), 2);
  EXPECT_EQ(failure.violations(0).description(), "expected=7 actual=0");
  EXPECT_EQ(failure.violations(1).description(), "expected=stream_exists actual=no_stream");
}

TEST_F(GovernedAppendTest, SetsACategoryOptionalThroughTheRegistry) {
  EXPECT_EQ(ReasonOf(Append(OneEvent("log-1", "line", "{}"))), "SCHEMA_NOT_REGISTERED");
  v1::UpdateCategorySettingsRequest update;
  update.mutable_category_settings()->set_category("log");
  update.mutable_category_settings()->set_schema_mode(v1::SCHEMA_MODE_OPTIONAL);
  v1::CategorySettings now;
  ASSERT_TRUE(schemas_->UpdateCategorySettings(Context().get(), update, &now).ok());
  EXPECT_TRUE(Append(OneEvent("log-1", "line", "{}")).ok());
}

// The schema of the fixture without its lower limit: all that it accepted is accepted.
constexpr char kLooser[] =
    R"({"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]})";
// The same with a higher one.
constexpr char kTighter[] =
    R"({"type": "object", "properties": {"total": {"type": "number", "minimum": 5}},
        "required": ["total"]})";

TEST_F(GovernedAppendTest, RefusesABreakingVersionUntilTheSubjectAllowsIt) {
  const grpc::Status refused = RegisterSchema("order.placed", kTighter);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(refused), "SCHEMA_INCOMPATIBLE");
  v1::CheckCompatibilityRequest check;
  check.set_subject("order.placed");
  check.set_definition(kTighter);
  v1::CheckCompatibilityResponse verdict;
  ASSERT_TRUE(schemas_->CheckCompatibility(Context().get(), check, &verdict).ok());
  ASSERT_EQ(verdict.findings_size(), 1);
  EXPECT_EQ(verdict.findings(0).rule(), "MINIMUM_INCREASED");
  EXPECT_EQ(verdict.findings(0).path(), "/properties/total/minimum");
  EXPECT_THAT(verdict.findings(0).witness(), ::testing::HasSubstr("\"total\":"));

  v1::UpdateCompatibilityRequest update;
  update.mutable_settings()->set_subject("order.placed");
  update.mutable_settings()->set_mode(v1::COMPATIBILITY_MODE_NONE);
  update.mutable_settings()->set_comment("once");
  v1::CompatibilitySettings now;
  ASSERT_TRUE(schemas_->UpdateCompatibility(Context().get(), update, &now).ok());
  EXPECT_TRUE(now.require_defaults());
  ASSERT_TRUE(RegisterSchema("order.placed", kTighter).ok());

  ASSERT_TRUE(daemon_->Terminate().ok());
  StartDaemon();
  v1::GetCompatibilityRequest get;
  get.set_subject("order.placed");
  ASSERT_TRUE(schemas_->GetCompatibility(Context().get(), get, &now).ok());
  EXPECT_EQ(now.mode(), v1::COMPATIBILITY_MODE_NONE);
  EXPECT_EQ(now.comment(), "once");
  EXPECT_FALSE(now.inherited());
}

TEST_F(GovernedAppendTest, ListsAndReadsSchemas) {
  v1::Schema second;
  ASSERT_TRUE(RegisterSchema("order.placed", kLooser, &second).ok());
  EXPECT_EQ(second.version(), 2u);
  v1::Schema again;
  ASSERT_TRUE(RegisterSchema("order.placed", absl::StrCat(" ", kLooser), &again).ok());
  EXPECT_EQ(again.version(), 2u);
  v1::ListSchemasRequest list;
  list.set_page_size(1);
  std::vector<uint32_t> versions;
  do {
    v1::ListSchemasResponse page;
    ASSERT_TRUE(schemas_->ListSchemas(Context().get(), list, &page).ok());
    for (const v1::Schema& schema : page.schemas()) versions.push_back(schema.version());
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  EXPECT_THAT(versions, ::testing::ElementsAre(1u, 2u));
  v1::GetSchemaRequest get;
  get.set_subject("nobody");
  v1::Schema schema;
  EXPECT_EQ(ReasonOf(schemas_->GetSchema(Context().get(), get, &schema)), "NOT_FOUND");
  v1::ValidateDataRequest validate;
  validate.set_subject("order.placed");
  validate.set_version(1);
  validate.set_data("{}");
  v1::ValidateDataResponse verdict;
  ASSERT_TRUE(schemas_->ValidateData(Context().get(), validate, &verdict).ok());
  EXPECT_FALSE(verdict.valid());
  EXPECT_EQ(verdict.violations(0).keyword(), "required");
}

TEST_F(GovernedAppendTest, ListsStreamsInPagesAndLeavesSystemStreamsOut) {
  for (const char* name : {"order-1", "order-2", "order-3"}) {
    ASSERT_TRUE(AppendOrder(name, R"({"total": 1})").ok());
  }
  v1::ListStreamsRequest list;
  list.set_page_size(2);
  std::vector<std::string> names;
  do {
    v1::ListStreamsResponse page;
    ASSERT_TRUE(events_->ListStreams(Context().get(), list, &page).ok());
    for (const v1::Stream& stream : page.streams()) names.push_back(stream.stream());
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  EXPECT_THAT(names, ::testing::ElementsAre("order-1", "order-2", "order-3"));
  list.set_page_token("forged");
  v1::ListStreamsResponse page;
  EXPECT_EQ(ReasonOf(events_->ListStreams(Context().get(), list, &page)), "MALFORMED_PAGE_TOKEN");
  v1::GetStreamRequest get;
  get.set_stream("order-2");
  v1::Stream stream;
  ASSERT_TRUE(events_->GetStream(Context().get(), get, &stream).ok());
  EXPECT_EQ(stream.category(), "order");
}

TEST_F(GovernedAppendTest, PipelinesCommitsInOrderAndAnswersEach) {
  const auto context = Context();
  const auto call = events_->AppendStream(context.get());
  constexpr int kCommits = 1'000;
  std::thread writer([&] {
    for (int i = 0; i < kCommits; ++i) {
      v1::AppendStreamRequest request;
      *request.mutable_append() =
          OneEvent("order-9", "order.placed", i % 100 == 7 ? "{}" : R"({"total": 1})");
      if (!call->Write(request)) break;
    }
    call->WritesDone();
  });
  uint64_t next_revision = 0;
  int answers = 0;
  v1::AppendStreamResponse response;
  while (call->Read(&response)) {
    if (answers % 100 == 7) {
      EXPECT_EQ(response.error().reason(), "SCHEMA_VIOLATION");
    } else {
      ASSERT_TRUE(response.has_receipt()) << response.error().message();
      EXPECT_EQ(response.receipt().streams(0).first_revision(), next_revision++);
    }
    ++answers;
  }
  writer.join();
  EXPECT_TRUE(call->Finish().ok());
  EXPECT_EQ(answers, kCommits);
}

TEST_F(GovernedAppendTest, ReadsItsOwnWriteByPosition) {
  v1::AppendResponse appended;
  ASSERT_TRUE(Append(OneEvent("order-1", "order.placed", R"({"total": 1})"), &appended).ok());
  v1::ReadRequest read;
  read.set_stream("order-1");
  read.set_min_position(appended.last_position());
  std::vector<v1::Event> events;
  EXPECT_TRUE(Read(read, &events).ok());
  EXPECT_EQ(events.size(), 1u);
}

}  // namespace
}  // namespace nexus::integration
