// Start, stop, crash, and what an operator gets wrong.

#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

using ::testing::HasSubstr;

using LifecycleTest = DaemonFixture;

TEST_F(LifecycleTest, GivesTheSameAnswerToTheSameCommitAfterACrash) {
  StartDaemon();
  RegisterOrders();
  v1::AppendRequest request = OneEvent("order-1", "order.placed", R"({"total": 5})");
  request.set_commit_id("00000000-0000-7000-8000-00000000000a");
  v1::AppendResponse first;
  ASSERT_TRUE(Append(request, &first).ok());
  daemon_->Kill();
  StartDaemon();
  v1::AppendResponse again;
  const grpc::Status status = Append(request, &again);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(again.repeated_commit());
  EXPECT_EQ(again.first_position(), first.first_position());
  EXPECT_EQ(ReadStream("order-1").size(), 1u);
  request.mutable_streams(0)->mutable_events(0)->set_data(R"({"total": 6})");
  EXPECT_EQ(ReasonOf(Append(request)), "ID_REUSED");
}

TEST_F(LifecycleTest, KeepsSchemasAndCategorySettingsAcrossARestart) {
  StartDaemon();
  RegisterOrders();
  const auto exit = daemon_->Terminate();
  ASSERT_TRUE(exit.ok() && exit->Succeeded()) << daemon_->Output();
  StartDaemon();
  EXPECT_EQ(ReasonOf(AppendOrder("order-1", "{}")), "SCHEMA_VIOLATION");
  EXPECT_TRUE(AppendOrder("order-1", R"({"total": 5})").ok());
}

TEST_F(LifecycleTest, StopsInOrderOnSigtermAndTakesItsEndpointsAway) {
  StartDaemon();
  RegisterOrders();
  ASSERT_TRUE(AppendOrder("order-1", R"({"total": 5})").ok());
  const auto exit = daemon_->Terminate();
  ASSERT_TRUE(exit.ok());
  EXPECT_TRUE(exit->Succeeded()) << exit->ToString() << daemon_->Output();
  EXPECT_FALSE(std::filesystem::exists(folder_ / "data/endpoints.json"));
  EXPECT_THAT(daemon_->Output(), HasSubstr("\"stopped\""));
}

TEST_F(LifecycleTest, DrainsThroughTheAdminService) {
  StartDaemon();
  RegisterOrders();
  admin::v1::DrainResponse drained;
  ASSERT_TRUE(admin_->Drain(Context().get(), {}, &drained).ok());
  EXPECT_EQ(drained.head(), 4u);  // the policies, the schema, who gave it, who drains
  EXPECT_EQ(ReasonOf(AppendOrder("order-1", R"({"total": 5})")), "DRAINING");
  EXPECT_TRUE(ReadStream("order-1").empty());
}

TEST_F(LifecycleTest, ReportsItsPartsAndLimits) {
  StartDaemon();
  admin::v1::GetStatusResponse status;
  ASSERT_TRUE(admin_->GetStatus(Context().get(), {}, &status).ok());
  EXPECT_TRUE(status.ready());
  EXPECT_EQ(status.components_size(), 5);
  EXPECT_EQ(status.incarnation(), 1u);
  EXPECT_EQ(status.sinks_size(), 2);
  EXPECT_EQ(status.limits().commit_events_max(), 10'000u);
}

TEST_F(LifecycleTest, RefusesAFolderThatAnotherDaemonHolds) {
  StartDaemon();
  EXPECT_THAT(FailToStart({}, 1), HasSubstr("nexusd: "));
  RegisterOrders();
}

TEST_F(LifecycleTest, RefusesAnUnknownKeyAndSuggestsTheRightOne) {
  std::ofstream(folder_ / "bad.yaml") << "grpc:\n  adress: 127.0.0.1:0\n";
  EXPECT_THAT(FailToStart({"--config", folder_ / "bad.yaml"}, 2), HasSubstr("address"));
}

TEST_F(LifecycleTest, RefusesToStartWithoutThePolicyProgram) {
  EXPECT_THAT(
      FailToStart({"--set", "policy.engine=opa", "--set", "policy.opa.program=/nowhere/opa"}, 2),
      HasSubstr("scripts/install"));
}

TEST_F(LifecycleTest, RefusesPoliciesThatDoNotCompile) {
  std::filesystem::create_directory(folder_ / "policies");
  std::ofstream(folder_ / "policies/bad.rego") << "package nexus.append\n\nthis is not rego\n";
  const std::string policies = folder_ / "policies";
  EXPECT_THAT(
      FailToStart(
          {"--set", "policy.engine=opa", "--set", absl::StrCat("policy.opa.folder=", policies)}, 2),
      HasSubstr("bad.rego"));
  EXPECT_THAT(FailToStart({"--set", absl::StrCat("policy.embedded.bundle=", policies)}, 2),
              HasSubstr("bad.rego"));
}

TEST_F(LifecycleTest, RefusesPoliciesOfAnEngineThatIsNotTheOne) {
  EXPECT_THAT(FailToStart({"--set", "policy.opa.folder=policies"}, 2),
              HasSubstr("policy.engine is embedded"));
}

TEST_F(LifecycleTest, DecidesByASupervisedOpaWhereItIsTold) {
  StartDaemon({"--set", "policy.engine=opa"});
  RegisterOrders();
  EXPECT_TRUE(AppendOrder("order-1", R"({"total": 5})").ok());
  v1::AppendRequest critical = OneEvent("order-1", "order.placed", R"({"total": 5})");
  critical.mutable_streams(0)->mutable_events(0)->mutable_routing()->set_criticality(
      v1::CRITICALITY_HIGH);
  EXPECT_EQ(ReasonOf(Append(critical)), "POLICY_DENIED");
}

TEST_F(LifecycleTest, DecidesByChangedPoliciesWithoutARestart) {
  const std::string policies = folder_ / "policies";
  std::filesystem::copy(std::filesystem::path(std::getenv("NEXUS_SOURCE_DIR")) / "policies/shipped",
                        policies, std::filesystem::copy_options::recursive);
  StartDaemon({"--set", absl::StrCat("policy.embedded.bundle=", policies), "--set",
               "policy.embedded.reload_ms=20"});
  RegisterOrders();
  ASSERT_TRUE(AppendOrder("order-1", R"({"total": 5})").ok());
  std::ofstream(policies + "/append/closed.rego")
      << "package nexus.append\n\ndeny contains {\"rule\": \"closed\", \"message\": \"closed\"}\n";
  EXPECT_TRUE(fake::Eventually(
      [this] { return ReasonOf(AppendOrder("order-1", R"({"total": 6})")) == "POLICY_DENIED"; }));
}

TEST_F(LifecycleTest, RefusesAppendsWhenTheDiskIsAlmostFullAndGoesOnReading) {
  StartDaemon();
  RegisterOrders();
  ASSERT_TRUE(AppendOrder("order-1", R"({"total": 5})").ok());
  ASSERT_TRUE(daemon_->Terminate().ok());
  StartDaemon({"--set", "storage.free_bytes_min=1000000000000000"});
  const grpc::Status status = AppendOrder("order-1", R"({"total": 6})");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "DISK_FULL");
  EXPECT_EQ(ReadStream("order-1").size(), 1u);
}

TEST_F(LifecycleTest, AdmitsNothingWhileThePolicyEngineIsGoneAndRecovers) {
  StartDaemon({"--set", "policy.engine=opa", "--set", "policy.opa.address=unix:/nowhere/opa.sock"});
  const grpc::Status status = RegisterSchema("order.placed", "{}");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "POLICY_UNAVAILABLE");
  ASSERT_TRUE(daemon_->Terminate().ok());
  StartDaemon();
  RegisterOrders();
}

TEST_F(LifecycleTest, RefusesToListenWhereSomebodyElseDoes) {
  StartDaemon();
  harness::TemporaryFolder other;
  harness::NexusdOptions options;
  options.data_folder = other / "data";
  options.arguments = {"--grpc", daemon_->endpoints().grpc};
  auto launched = harness::NexusdProcess::Launch(options);
  ASSERT_TRUE(launched.ok());
  const auto exit = (*launched)->WaitForExit(absl::Seconds(60));
  ASSERT_TRUE(exit.ok());
  EXPECT_EQ(exit->code, 2) << (*launched)->Output();
}

TEST_F(LifecycleTest, KnowsThePrincipalOfAConfiguredToken) {
  std::ofstream(folder_ / "tokens.yaml")
      << "tokens:\n  - principal: shop\n    token: s3cret-canary\n    roles: [writer]\n";
  StartDaemon({"--config", folder_ / "tokens.yaml"});
  RegisterOrders();
  const auto context = Context();
  context->AddMetadata("authorization", "Bearer s3cret-canary");
  v1::AppendResponse response;
  ASSERT_TRUE(
      events_
          ->Append(context.get(), OneEvent("order-1", "order.placed", R"({"total": 5})"), &response)
          .ok());
  EXPECT_EQ(ReadStream("order-1").at(0).admission().principal(), "shop");
  EXPECT_FALSE(absl::StrContains(daemon_->Output(), "s3cret-canary"));
}

}  // namespace
}  // namespace nexus::integration
