#include "nexus/client/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/fake_nexusd.h"
#include "fake/manual_clock.h"
#include "fake/sequential_ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::client {
namespace {

using ::nexus::testing::FakeNexusd;
using ::nexus::testing::RichError;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ClientTest : public ::testing::Test {
 protected:
  void SetUp() override { client_ = Connect({}); }

  std::unique_ptr<Client> Connect(ClientOptions options) {
    options.server = server_.address();
    options.backoff_initial = absl::Milliseconds(1);
    options.backoff_max = absl::Milliseconds(2);
    auto client = Client::Connect(options, clock_, ids_);
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }

  static CommitDraft Draft(const std::string& stream = "order-1") {
    CommitDraft draft;
    StreamDraft& target = draft.streams.emplace_back();
    target.stream = stream;
    target.events.push_back({});
    target.events.back().type = "placed";
    target.events.back().data = R"({"n":1})";
    return draft;
  }

  FakeNexusd server_;
  fake::ManualClock clock_;
  fake::SequentialIds ids_;
  std::unique_ptr<Client> client_;
};

// A server that is too busy to take connections: the machine finishes them, nobody speaks.
class SilentServer {
 public:
  SilentServer() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, any, size), 0);
    EXPECT_EQ(listen(socket_, 8), 0);
    EXPECT_EQ(getsockname(socket_, any, &size), 0);
    address_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  }
  ~SilentServer() { close(socket_); }
  const std::string& address() const { return address_; }

 private:
  const int socket_;
  std::string address_;
};

TEST(ClientConnectTest, WaitsForABusyServerForMostOfTheCall) {
  const SilentServer server;
  fake::ManualClock clock;
  fake::SequentialIds ids;
  const auto client = Client::Connect(
      {.server = server.address(), .timeout = absl::Seconds(3), .append_attempts_max = 1}, clock,
      ids);
  ASSERT_TRUE(client.ok()) << client.status();
  const absl::Time begun = absl::Now();
  CommitDraft draft;
  draft.streams.emplace_back().stream = "order-1";
  const absl::Status status = (*client)->Append(draft).status();
  // Never connected, so nothing can be stored: not an unknown outcome.
  EXPECT_EQ(ReasonOf(status), ErrorReason::kNotReady) << status;
  EXPECT_GE(absl::Now() - begun, absl::Seconds(2));
}

TEST_F(ClientTest, AppendGivesTheReceipt) {
  const auto receipt = client_->Append(Draft());
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(receipt->first, Position(1));
  EXPECT_EQ(receipt->last, Position(1));
  ASSERT_THAT(receipt->streams, SizeIs(1));
  EXPECT_EQ(receipt->streams[0].stream.str(), "order-1");
  EXPECT_EQ(receipt->streams[0].events, 1u);
  EXPECT_FALSE(receipt->repeated);
}

TEST_F(ClientTest, AppendSendsEveryFieldOfTheEvent) {
  CommitDraft draft = Draft();
  draft.streams[0].expected = ExpectedRevision::Exactly(7);
  EventDraft& event = draft.streams[0].events[0];
  event.event_id = "0190aaaa-0000-7000-8000-000000000001";
  event.schema_version = 3;
  event.tags = {"a"};
  event.metadata = {{"k", "v"}};
  event.routing = {Criticality::kHigh, 0.5, true, 100};
  event.correlation_id = "c";
  event.causation_id = "d";
  event.traceparent = "t";
  ASSERT_TRUE(client_->Append(draft).ok());
  const v1::AppendRequest sent = server_.appends().at(0);
  EXPECT_EQ(sent.streams(0).expected_revision().exact(), 7u);
  const v1::NewEvent& out = sent.streams(0).events(0);
  EXPECT_EQ(out.event_id(), event.event_id);
  EXPECT_EQ(out.schema_version(), 3u);
  EXPECT_THAT(out.tags(), ElementsAre("a"));
  EXPECT_EQ(out.metadata().at("k"), "v");
  EXPECT_EQ(out.routing().criticality(), v1::CRITICALITY_HIGH);
  EXPECT_EQ(out.routing().max_latency_ms(), 100u);
  EXPECT_EQ(out.causation_id(), "d");
}

TEST_F(ClientTest, EveryExpectationHasItsForm) {
  using Case = v1::ExpectedRevision::KindCase;
  const std::pair<ExpectedRevision, Case> cases[] = {
      {ExpectedRevision::Any(), Case::kAny},
      {ExpectedRevision::NoStream(), Case::kNoStream},
      {ExpectedRevision::StreamExists(), Case::kStreamExists},
      {ExpectedRevision::Exactly(0), Case::kExact}};
  for (const auto& [expected, wanted] : cases) {
    CommitDraft draft = Draft();
    draft.streams[0].expected = expected;
    ASSERT_TRUE(client_->Append(draft).ok());
    EXPECT_EQ(server_.appends().back().streams(0).expected_revision().kind_case(), wanted);
  }
}

TEST_F(ClientTest, AppendSendsEveryFieldOfItsConditions) {
  CommitDraft draft = Draft();
  FilterItem item{.types = {"a", "b"},
                  .type_prefixes = {"c"},
                  .stream_prefixes = {"d"},
                  .categories = {"e"},
                  .tags = {"f", "g"},
                  .correlation_ids = {"h"}};
  draft.conditions = {{{{item, {}}}, Position(9)}, {}};
  ASSERT_TRUE(client_->Append(draft).ok());
  const v1::AppendRequest sent = server_.appends().at(0);
  ASSERT_EQ(sent.conditions_size(), 2);
  EXPECT_EQ(sent.conditions(0).after(), 9u);
  ASSERT_EQ(sent.conditions(0).fail_if_match().items_size(), 2);
  const v1::FilterItem& out = sent.conditions(0).fail_if_match().items(0);
  EXPECT_THAT(out.types(), ElementsAre("a", "b"));
  EXPECT_THAT(out.type_prefixes(), ElementsAre("c"));
  EXPECT_THAT(out.stream_prefixes(), ElementsAre("d"));
  EXPECT_THAT(out.categories(), ElementsAre("e"));
  EXPECT_THAT(out.tags(), ElementsAre("f", "g"));
  EXPECT_THAT(out.correlation_ids(), ElementsAre("h"));
  EXPECT_EQ(sent.conditions(1).fail_if_match().items_size(), 0);
}

TEST_F(ClientTest, FailedConditionsAndTakenIdsComeApart) {
  google::rpc::PreconditionFailure failure;
  auto& condition = *failure.add_violations();
  condition.set_type("APPEND_CONDITION");
  condition.set_subject("conditions[3]");
  condition.set_description("position=77");
  auto& taken = *failure.add_violations();
  taken.set_type("EVENT_ID");
  taken.set_subject("order-1");
  taken.set_description("event_id=0190aaaa-0000-7000-8000-000000000001 revision=4");
  server_.SetAppendGate([&](const v1::AppendRequest&) {
    return RichError(grpc::StatusCode::FAILED_PRECONDITION, "APPEND_CONDITION_FAILED", "changed",
                     {&failure});
  });
  const absl::Status status = client_->Append(Draft()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  const ErrorDetails details = DetailsOf(status);
  EXPECT_EQ(details.reason, ErrorReason::kAppendConditionFailed);
  EXPECT_THAT(details.failed_conditions, ElementsAre(FailedCondition{3, Position(77)}));
  ASSERT_THAT(details.taken_event_ids, SizeIs(1));
  EXPECT_EQ(details.taken_event_ids[0].revision, Revision(4));
  EXPECT_EQ(details.taken_event_ids[0].id.ToString(), "0190aaaa-0000-7000-8000-000000000001");
  EXPECT_THAT(server_.appends(), SizeIs(1)) << "asking again changes nothing";
}

TEST_F(ClientTest, AppendMakesACommitIdWhereNoneIsGiven) {
  ASSERT_TRUE(client_->Append(Draft()).ok());
  EXPECT_TRUE(ParseUuid(server_.appends().at(0).commit_id()).ok());
}

TEST_F(ClientTest, AppendAsksAgainWithTheSameIdWhileTheOutcomeIsUnknown) {
  int calls = 0;
  server_.SetAppendGate([&](const v1::AppendRequest&) {
    return ++calls < 3 ? RichError(grpc::StatusCode::UNAVAILABLE, "OUTCOME_UNKNOWN", "lost")
                       : grpc::Status::OK;
  });
  ASSERT_TRUE(client_->Append(Draft()).ok());
  const auto appends = server_.appends();
  ASSERT_THAT(appends, SizeIs(3));
  EXPECT_EQ(appends[0].commit_id(), appends[2].commit_id());
}

TEST_F(ClientTest, AppendGivesUpAfterItsAttempts) {
  server_.SetAppendGate([](const v1::AppendRequest&) {
    return RichError(grpc::StatusCode::UNAVAILABLE, "DRAINING", "going");
  });
  const auto receipt = client_->Append(Draft());
  EXPECT_EQ(ReasonOf(receipt.status()), ErrorReason::kDraining);
  EXPECT_THAT(server_.appends(), SizeIs(5));
}

TEST_F(ClientTest, AppendDoesNotRetryAConflict) {
  google::rpc::PreconditionFailure failure;
  for (const char* stream : {"order-1", "order-2"}) {
    auto& violation = *failure.add_violations();
    violation.set_type("EXPECTED_REVISION");
    violation.set_subject(stream);
    violation.set_description(stream[6] == '1' ? "expected=3 actual=5"
                                               : "expected=stream_exists actual=no_stream");
  }
  server_.SetAppendGate([&](const v1::AppendRequest&) {
    return RichError(grpc::StatusCode::FAILED_PRECONDITION, "REVISION_CONFLICT", "late",
                     {&failure});
  });
  const absl::Status status = client_->Append(Draft()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  const ErrorDetails details = DetailsOf(status);
  EXPECT_EQ(details.reason, ErrorReason::kRevisionConflict);
  ASSERT_THAT(details.failed_expectations, SizeIs(2));
  EXPECT_EQ(details.failed_expectations[0].expected, ExpectedRevision::Exactly(3));
  EXPECT_EQ(details.failed_expectations[0].actual, Revision(5));
  EXPECT_EQ(details.failed_expectations[1].expected, ExpectedRevision::StreamExists());
  EXPECT_EQ(details.failed_expectations[1].actual, std::nullopt);
  EXPECT_THAT(server_.appends(), SizeIs(1));
}

TEST_F(ClientTest, SchemaViolationsComeApart) {
  google::rpc::BadRequest request;
  auto& field = *request.add_field_violations();
  field.set_field("commit.events[0].data#/total");
  field.set_description("at \"/total\": minimum: too small; expected >= 0; actual -1");
  auto& plain = *request.add_field_violations();
  plain.set_field("commit.streams[0].stream");
  plain.set_description("is empty");
  server_.SetAppendGate([&](const v1::AppendRequest&) {
    return RichError(grpc::StatusCode::INVALID_ARGUMENT, "SCHEMA_VIOLATION", "bad", {&request});
  });
  const ErrorDetails details = DetailsOf(client_->Append(Draft()).status());
  ASSERT_THAT(details.violations, SizeIs(2));
  const Violation wanted{"commit.events[0].data", "/total", "minimum", ">= 0", "-1", "too small"};
  EXPECT_EQ(details.violations[0], wanted);
  EXPECT_EQ(details.violations[1].field, "commit.streams[0].stream");
  EXPECT_EQ(details.violations[1].message, "is empty");
}

TEST_F(ClientTest, DenialsAndRetryTimeComeApart) {
  google::rpc::PreconditionFailure failure;
  auto& violation = *failure.add_violations();
  violation.set_type("POLICY");
  violation.set_subject("append_only");
  violation.set_description("no rewriting");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(250'000'000);
  server_.SetAppendGate([&](const v1::AppendRequest&) {
    return RichError(grpc::StatusCode::PERMISSION_DENIED, "POLICY_DENIED", "no",
                     {&failure, &retry});
  });
  const absl::Status status = client_->Append(Draft()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  const ErrorDetails details = DetailsOf(status);
  EXPECT_THAT(details.denials, ElementsAre(PolicyDenial{"append_only", "no rewriting"}));
  EXPECT_EQ(details.retry_after, absl::Milliseconds(250));
}

TEST_F(ClientTest, AReasonOfANewerServerKeepsItsCodeAndName) {
  server_.SetAppendGate([](const v1::AppendRequest&) {
    return RichError(grpc::StatusCode::RESOURCE_EXHAUSTED, "TOO_SHINY", "dim it");
  });
  const absl::Status status = client_->Append(Draft()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "TOO_SHINY: dim it");
}

TEST_F(ClientTest, DetailsThatAreGarbageLeaveTheCodeAndMessage) {
  server_.SetAppendGate([](const v1::AppendRequest&) {
    return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "who?", "\x01\xff garbage");
  });
  EXPECT_EQ(ReasonOf(client_->Append(Draft()).status()), ErrorReason::kUnauthenticated);
}

TEST_F(ClientTest, AServerThatIsNotThereIsNotReady) {
  ClientOptions options;
  options.server = "127.0.0.1:1";
  options.append_attempts_max = 1;
  auto client = Client::Connect(options, clock_, ids_);
  ASSERT_TRUE(client.ok());
  EXPECT_EQ(ReasonOf((*client)->Append(Draft()).status()), ErrorReason::kNotReady);
  EXPECT_EQ(ReasonOf((*client)->GetStatus().status()), ErrorReason::kNotReady);
}

TEST_F(ClientTest, ACallThatIsCutOffUnderWayHasAnUnknownOutcome) {
  server_.SetAppendGate([](const v1::AppendRequest&) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed");
  });
  EXPECT_EQ(ReasonOf(client_->Append(Draft()).status()), ErrorReason::kOutcomeUnknown);
}

TEST_F(ClientTest, TheTokenTravelsAsABearer) {
  const auto client = Connect({.token = "nxs_secret"});
  ASSERT_TRUE(client->Append(Draft()).ok());
  EXPECT_EQ(server_.last_authorization(), "Bearer nxs_secret");
}

TEST_F(ClientTest, RefusesATokenThatNoHeaderCanCarry) {
  const auto client = Client::Connect({.server = "x", .token = "a\nb"}, clock_, ids_);
  EXPECT_EQ(ReasonOf(client.status()), ErrorReason::kMalformedRequest);
}

TEST_F(ClientTest, RefusesAnEmptyAddress) {
  const auto client = Client::Connect({.server = "nexus://"}, clock_, ids_);
  EXPECT_EQ(ReasonOf(client.status()), ErrorReason::kMalformedRequest);
}

TEST_F(ClientTest, ReadGivesPagesThenTheEndAgainAndAgain) {
  server_.Store("order-1", "placed", R"({"n":1})");
  server_.Store("order-1", "paid", R"({"n":2})");
  const auto events = client_->Read({.stream = "order-1"});
  auto page = events->Next();
  ASSERT_TRUE(page.ok() && page->has_value()) << page.status();
  EXPECT_EQ((*page)->events[0].type, "placed");
  EXPECT_EQ((*page)->events[0].stream, "order-1");
  page = events->Next();
  ASSERT_TRUE(page.ok() && page->has_value());
  EXPECT_EQ((*page)->events[0].data, R"({"n":2})");
  for (int i = 0; i < 2; ++i) {
    page = events->Next();
    ASSERT_TRUE(page.ok());
    EXPECT_FALSE(page->has_value());
  }
}

TEST_F(ClientTest, ReadOfAMissingStreamSaysSoEveryTime) {
  const auto events = client_->Read({.stream = "nothing"});
  EXPECT_EQ(ReasonOf(events->Next().status()), ErrorReason::kStreamNotFound);
  EXPECT_EQ(ReasonOf(events->Next().status()), ErrorReason::kStreamNotFound);
}

TEST_F(ClientTest, ReadBackwardsFromAPlaceWithALimit) {
  for (int i = 0; i < 4; ++i) server_.Store("a", "t", "{}");
  const auto events =
      client_->Read({.stream = "a", .from = 2, .direction = Direction::kBackward, .limit = 2});
  std::vector<uint64_t> revisions;
  for (auto page = events->Next(); page.ok() && page->has_value(); page = events->Next()) {
    for (const RecordedEvent& event : (*page)->events) revisions.push_back(event.revision.value);
  }
  EXPECT_THAT(revisions, ElementsAre(2, 1));
}

TEST_F(ClientTest, AStreamThatIsDroppedHalfReadEndsItsCall) {
  for (int i = 0; i < 100; ++i) server_.Store("a", "t", "{}");
  const auto events = client_->Read({});
  ASSERT_TRUE(events->Next().ok());
}

TEST_F(ClientTest, SubscribeGivesHistoryThenCaughtUpThenLiveEvents) {
  server_.Store("a", "old", "{}");
  const auto subscription = client_->Subscribe({});
  using Kind = SubscriptionMessage::Kind;
  auto message = subscription->Next();
  ASSERT_TRUE(message.ok()) << message.status();
  ASSERT_EQ(message->kind, Kind::kBatch);
  EXPECT_EQ(message->batch.events[0].type, "old");
  EXPECT_EQ(message->checkpoint, 1u);
  message = subscription->Next();
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->kind, Kind::kCaughtUp);
  server_.Store("a", "new", "{}");
  do {
    message = subscription->Next();
    ASSERT_TRUE(message.ok());
  } while (message->kind != Kind::kBatch);
  EXPECT_EQ(message->batch.events[0].type, "new");
}

TEST_F(ClientTest, SubscribeFromTheEndOrAfterAPlaceLeavesOutTheRest) {
  server_.Store("a", "one", "{}");
  server_.Store("a", "two", "{}");
  EXPECT_EQ(client_->Subscribe({.from_end = true})->Next()->kind,
            SubscriptionMessage::Kind::kCaughtUp);
  const auto after = client_->Subscribe({.after = 1});
  EXPECT_EQ(after->Next()->batch.events.at(0).type, "two");
}

TEST_F(ClientTest, CancelEndsASubscriptionFromAnotherThread) {
  const auto subscription = client_->Subscribe({});
  ASSERT_TRUE(subscription->Next().ok());
  std::thread other([&] { subscription->Cancel(); });
  absl::Status status;
  while (status.ok()) status = subscription->Next().status();
  other.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
}

TEST_F(ClientTest, CancelOfTheClientEndsCallsUnderWayAndToCome) {
  const auto subscription = client_->Subscribe({});
  ASSERT_TRUE(subscription->Next().ok());
  client_->Cancel();
  absl::Status status;
  while (status.ok()) status = subscription->Next().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(client_->GetStatus().status().code(), absl::StatusCode::kCancelled);
}

TEST_F(ClientTest, ListStreamsGoesPageByPage) {
  for (const char* name : {"a-1", "a-2", "a-3", "b-1"}) server_.Store(name, "t", "{}");
  std::string token;
  std::vector<std::string> names;
  do {
    StreamQuery query;
    query.category = "a";
    const auto page = client_->ListStreams(query, token);
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->end, token.empty());
    for (const StreamInfo& info : page->streams) names.push_back(info.name);
  } while (!token.empty());
  EXPECT_THAT(names, ElementsAre("a-1", "a-2", "a-3"));
}

TEST_F(ClientTest, GetStreamTellsWhereItStands) {
  server_.Store("a", "t", "{}");
  server_.Store("a", "t", "{}");
  const auto info = client_->GetStream("a");
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->last_revision, Revision(1));
  EXPECT_EQ(ReasonOf(client_->GetStream("b").status()), ErrorReason::kStreamNotFound);
}

TEST_F(ClientTest, SchemasAreRegisteredListedAndRead) {
  ASSERT_TRUE(client_->RegisterSchema({"placed", R"({"type":"object"})", "first"}).ok());
  const auto second = client_->RegisterSchema({"placed", "true", ""});
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->version, 2u);
  ASSERT_TRUE(client_->RegisterSchema({"paid", "true", ""}).ok());
  EXPECT_EQ(client_->GetSchema("placed", 1)->comment, "first");
  EXPECT_THAT(*client_->ListSchemas({}), SizeIs(3));
  EXPECT_THAT(*client_->ListSchemas({.subject = "", .latest_only = true}), SizeIs(2));
  EXPECT_EQ(ReasonOf(client_->GetSchema("none", 0).status()), ErrorReason::kNotFound);
}

TEST_F(ClientTest, ValidationListsItsViolations) {
  EXPECT_TRUE(client_->ValidateData("placed", 0, "{}")->valid);
  v1::SchemaViolation violation;
  violation.set_pointer("/n");
  violation.set_keyword("type");
  server_.SetViolations({violation});
  const auto result = client_->ValidateData("placed", 0, "{}");
  ASSERT_TRUE(result.ok());
  EXPECT_FALSE(result->valid);
  ASSERT_THAT(result->violations, SizeIs(1));
  EXPECT_EQ(result->violations[0].pointer, "/n");
}

TEST_F(ClientTest, CategoryModeIsRequiredUntilItIsSet) {
  EXPECT_EQ(*client_->GetCategoryMode("order"), SchemaMode::kRequired);
  EXPECT_EQ(*client_->SetCategoryMode("order", SchemaMode::kOptional), SchemaMode::kOptional);
  EXPECT_EQ(*client_->GetCategoryMode("order"), SchemaMode::kOptional);
}

TEST_F(ClientTest, CheckPolicyGivesADenialAsAnAnswer) {
  EXPECT_TRUE(client_->CheckPolicy(Draft())->allowed);
  server_.SetCheckGate([](const v1::AppendRequest&) {
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "no rewriting");
  });
  const auto verdict = client_->CheckPolicy(Draft());
  ASSERT_TRUE(verdict.ok());
  EXPECT_FALSE(verdict->allowed);
  EXPECT_THAT(verdict->denials, ElementsAre(PolicyDenial{"append_only", "no rewriting"}));
  EXPECT_THAT(server_.appends(), IsEmpty());
}

TEST_F(ClientTest, StatusCarriesPartsAndLimits) {
  const auto status = client_->GetStatus();
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->version, "9.8.7");
  EXPECT_TRUE(status->ready);
  EXPECT_EQ(status->uptime, absl::Seconds(61));
  EXPECT_EQ(status->components.at(0).name, "policy");
  EXPECT_EQ(status->sinks.at(0).delivered, 5u);
  EXPECT_EQ(status->limits.event_bytes_max, 1024u);
}

}  // namespace
}  // namespace nexus::client
