// What is refused and what administrators do, as a client of the daemon sees it: explained at once,
// written soon, there after a restart.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AuditTest : public DaemonFixture {
 protected:
  std::string DecisionOf(const grpc::Status& status) {
    return DetailOf<google::rpc::ErrorInfo>(status).metadata().at("decision_id");
  }
  grpc::Status Explain(const std::string& id, v1::ExplainDecisionResponse* response) {
    v1::ExplainDecisionRequest request;
    request.set_decision_id(id);
    return policy_->ExplainDecision(Context().get(), request, response);
  }
  // Once the stream has so many events.
  std::vector<v1::Event> Written(const std::string& stream, size_t events) {
    std::vector<v1::Event> written;
    EXPECT_TRUE(fake::Eventually([&] {
      written = ReadStream(stream);
      return written.size() >= events;
    })) << daemon_->Output();
    return written;
  }
};

TEST_F(AuditTest, ExplainsARefusalAtOnceAndAfterARestart) {
  StartDaemon();
  RegisterOrders();
  const grpc::Status refused = AppendOrder("order-1", R"({"total": -314159})");
  ASSERT_EQ(ReasonOf(refused), "SCHEMA_VIOLATION");
  const std::string id = DecisionOf(refused);
  v1::ExplainDecisionResponse response;
  ASSERT_TRUE(Explain(id, &response).ok());
  EXPECT_FALSE(response.allowed());
  EXPECT_THAT(response.denial(), HasSubstr("\"pointer\":\"/total\""));
  // An orderly stop writes what waits.
  ASSERT_TRUE(daemon_->Terminate().ok());
  StartDaemon();
  ASSERT_TRUE(Explain(id, &response).ok());
  EXPECT_THAT(response.denial(), HasSubstr(id));
  const std::vector<v1::Event> denials = ReadStream("$denials");
  ASSERT_EQ(denials.size(), 1u);
  EXPECT_EQ(denials[0].event_id(), id);
  EXPECT_EQ(denials[0].type(), "$denied");
  EXPECT_THAT(denials[0].data(), Not(HasSubstr("314159")));
  EXPECT_THAT(denials[0].data(), HasSubstr("\"peer\":\"ipv4:127.0.0.1:"));
  EXPECT_EQ(denials[0].admission().principal(), "$ledger");
}

TEST_F(AuditTest, ExplainsWhatWasAdmittedWithItsSchema) {
  StartDaemon();
  RegisterOrders();
  ASSERT_TRUE(AppendOrder("order-1", R"({"total": 5})").ok());
  const v1::Event stored = ReadStream("order-1").at(0);
  v1::ExplainDecisionResponse response;
  ASSERT_TRUE(Explain(stored.admission().decision_id(), &response).ok());
  EXPECT_TRUE(response.allowed());
  EXPECT_EQ(response.admission().principal(), "anonymous");
  EXPECT_EQ(response.admission().method(), "none");
  EXPECT_EQ(response.admission().request_digest().size(), 16u);
  EXPECT_EQ(response.admission().input_digest().size(), 16u);
  EXPECT_EQ(response.commit_id(), stored.commit_id());
  ASSERT_EQ(response.events_size(), 1);
  EXPECT_EQ(response.events(0).event_id(), stored.event_id());
  EXPECT_GT(response.events(0).schema_id(), 0u);
  EXPECT_EQ(response.events(0).schema_digest().size(), 64u);
  EXPECT_EQ(ReasonOf(Explain("018f2b7e-0000-7000-8000-000000000001", &response)), "NOT_FOUND");
  EXPECT_EQ(ReasonOf(Explain("x", &response)), "MALFORMED_ID");
}

TEST_F(AuditTest, TellsOfAFloodOfRefusalsInFewEvents) {
  StartDaemon({"--set", "audit.window_ms=500"});
  RegisterOrders();
  constexpr size_t kRefusals = 300;
  for (size_t i = 0; i < kRefusals; ++i) {
    ASSERT_EQ(ReasonOf(AppendOrder(absl::StrCat("order-", i % 100), "{}")), "SCHEMA_VIOLATION");
  }
  ASSERT_TRUE(daemon_->Terminate().ok());
  StartDaemon();
  uint64_t counted = 0;
  const std::vector<v1::Event> denials = ReadStream("$denials");
  for (const v1::Event& event : denials) {
    const size_t at = event.data().find("\"count\":");
    ASSERT_NE(at, std::string::npos) << event.data();
    counted += std::stoull(event.data().substr(at + 8));
  }
  EXPECT_EQ(counted, kRefusals);
  EXPECT_LT(denials.size(), kRefusals);
}

TEST_F(AuditTest, TellsWhatAdministratorsDoAndWhoIsNotBelieved) {
  StartDaemon();
  RegisterOrders();
  const auto context = Context();
  context->AddMetadata("authorization", "Bearer planted-secret-271828");
  v1::GetStreamRequest request;
  request.set_stream("order-1");
  v1::Stream stream;
  ASSERT_EQ(ReasonOf(events_->GetStream(context.get(), request, &stream)), "UNAUTHENTICATED");
  admin::v1::DrainResponse drained;
  ASSERT_TRUE(admin_->Drain(Context().get(), {}, &drained).ok());
  const std::vector<v1::Event> audit = Written("$audit", 3);
  std::string types;
  std::string data;
  for (const v1::Event& event : audit) {
    absl::StrAppend(&types, event.type(), " ");
    absl::StrAppend(&data, event.data(), "\n");
  }
  EXPECT_EQ(types, "$admin-action $authentication-failed $admin-action ");
  EXPECT_THAT(data, HasSubstr("\"action\":\"register_schema\",\"subject\":\"order.placed\""));
  EXPECT_THAT(data, HasSubstr("\"outcome\":\"UNKNOWN\""));
  EXPECT_THAT(data, HasSubstr("\"action\":\"nexus.admin.v1.AdminService/Drain\""));
  EXPECT_THAT(data, Not(HasSubstr("planted-secret")));
}

TEST_F(AuditTest, TellsOfBulkReads) {
  StartDaemon({"--set", "audit.bulk_read_events=3"});
  RegisterOrders();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(AppendOrder("order-1", R"({"total": 5})").ok());
  EXPECT_EQ(ReadStream("order-1").size(), 4u);
  // The registration, the read under way, and its end.
  const std::vector<v1::Event> audit = Written("$audit", 3);
  EXPECT_EQ(audit[1].type(), "$bulk-read");
  EXPECT_THAT(audit[1].data(), HasSubstr("\"subject\":\"order-1\""));
  EXPECT_THAT(audit[2].data(), HasSubstr("\"phase\":\"ended\",\"events\":\"4\""));
}

TEST_F(AuditTest, FindsWhatWasAdmittedUnderARevisionAndByWhom) {
  StartDaemon();
  RegisterOrders();
  ASSERT_TRUE(AppendOrder("order-1", R"({"total": 5})").ok());
  const v1::Admission stamp = ReadStream("order-1").at(0).admission();
  const auto count = [&](auto fill) {
    v1::ReadRequest request;
    fill(*request.mutable_filter()->add_items());
    request.set_exclude_system(true);
    std::vector<v1::Event> events;
    EXPECT_TRUE(Read(request, &events).ok());
    return events.size();
  };
  EXPECT_EQ(count([&](auto& i) { i.add_policy_revisions(stamp.policy_revision()); }), 1u);
  EXPECT_EQ(count([&](auto& i) { i.add_policy_revisions("another"); }), 0u);
  EXPECT_EQ(count([&](auto& i) { i.add_principals("anonymous"); }), 1u);
  EXPECT_EQ(count([&](auto& i) { i.add_decision_ids(stamp.decision_id()); }), 1u);
  EXPECT_EQ(count([&](auto& i) {
              i.add_types("order.placed");
              i.add_principals("somebody");
            }),
            0u);
  v1::AppendRequest conditional = OneEvent("order-1", "order.placed", R"({"total": 5})");
  conditional.add_conditions()->mutable_fail_if_match()->add_items()->add_principals("anonymous");
  EXPECT_EQ(ReasonOf(Append(conditional)), "MALFORMED_REQUEST");
}

TEST_F(AuditTest, ProvesTheWholeLog) {
  StartDaemon();
  RegisterOrders();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(AppendOrder("order-1", R"({"total": 5})").ok());
  Written("$audit", 1);
  const auto verify = [&](bool unknown_is_outside) {
    const auto context = Context();
    admin::v1::VerifyAuditRequest request;
    request.set_unknown_is_outside(unknown_is_outside);
    const auto reader = admin_->VerifyAudit(context.get(), request);
    admin::v1::VerifyAuditResponse response;
    while (reader->Read(&response)) continue;
    EXPECT_TRUE(reader->Finish().ok());
    EXPECT_TRUE(response.done());
    return response;
  };
  const admin::v1::VerifyAuditResponse good = verify(false);
  EXPECT_TRUE(good.proven()) << good.DebugString();
  EXPECT_GE(good.events(), 5u);
  EXPECT_EQ(good.complete(), good.events());
  EXPECT_EQ(good.digests_good(), good.events());
  v1::AppendRequest caused = OneEvent("order-1", "order.placed", R"({"total": 5})");
  caused.mutable_streams(0)->mutable_events(0)->set_causation_id(
      "018f2b7e-0000-7000-8000-000000000001");
  ASSERT_TRUE(Append(caused).ok());
  const admin::v1::VerifyAuditResponse bad = verify(false);
  EXPECT_FALSE(bad.proven());
  EXPECT_EQ(bad.cause_unknown(), 1u);
  EXPECT_EQ(bad.findings_size(), 1);
  EXPECT_TRUE(verify(true).proven());
}

}  // namespace
}  // namespace nexus::integration
