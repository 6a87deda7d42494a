// Policies of one's own, from a folder: a rule that comes in step by step without a restart, and
// operations beside appends.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"
#include "policy/real_opa.h"

namespace nexus::integration {
namespace {

using ::testing::HasSubstr;

constexpr char kAppend[] = R"(package nexus.append

default allow := false

allow if input.operation == "append"

decision := {"allow": allow, "deny": [d | some d in deny]}

# METADATA
# title: Orders are small
# custom:
#   rule: small_orders
deny contains {"rule": "small_orders", "message": "too many"} if {
  some event in input.events
  event.metadata.size == "large"
}
)";

// A decision of another operation: denies where `condition` holds.
std::string Deciding(const std::string& operation, const std::string& condition) {
  return absl::StrCat("package nexus.", operation,
                      "\n\ndecision := {\"allow\": true, \"deny\": [d | some d in deny]}\n\n"
                      "deny contains {\"rule\": \"no_",
                      operation, "\", \"message\": \"not here\"} if {\n\t", condition, "\n}\n");
}

class PolicyOperationsTest : public DaemonFixture {
 protected:
  void SetUp() override {
    policy::RequireOpa();
    if (IsSkipped() || HasFatalFailure()) return;
    std::filesystem::create_directory(folder_ / "policies");
    Write("append.rego", kAppend);
    Write("register_schema.rego", Deciding("register_schema", "input.subject == \"\""));
  }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / ("policies/" + name)) << text;
  }
  // The one rule of appends on a rung.
  void Enforce(const std::string& mode) {
    Write("data.json",
          absl::StrCat(R"({"nexus":{"enforcement":{"append":{"small_orders":{"mode":")", mode,
                       R"("}}}}})"));
  }
  void StartWithPolicies() {
    StartDaemon({"--set", absl::StrCat("policy.embedded.bundle=", folder_ / "policies"), "--set",
                 "policy.embedded.reload_ms=20"});
  }
  // "admitted", "warned small_orders", or the reason of a refusal.
  std::string AppendLarge() {
    v1::AppendRequest request = OneEvent("order-1", "order.placed", R"({"total": 1})");
    (*request.mutable_streams(0)->mutable_events(0)->mutable_metadata())["size"] = "large";
    v1::AppendResponse response;
    const grpc::Status status = Append(request, &response);
    if (!status.ok()) return ReasonOf(status);
    if (response.warnings().empty()) return "admitted";
    return absl::StrCat("warned ", response.warnings(0).rule());
  }
  testing::AssertionResult EventuallyAppendIs(const std::string& wanted) {
    std::string last;
    if (fake::Eventually([&] { return (last = AppendLarge()) == wanted; })) {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << last << ", not " << wanted << "\n" << daemon_->Output();
  }
};

TEST_F(PolicyOperationsTest, ARuleComesInStepByStepWithoutARestart) {
  Enforce("off");
  StartWithPolicies();
  RegisterOrders();
  EXPECT_EQ(AppendLarge(), "admitted");
  Enforce("warn");
  EXPECT_TRUE(EventuallyAppendIs("warned small_orders"));
  Enforce("deny");
  EXPECT_TRUE(EventuallyAppendIs("POLICY_DENIED"));
  Enforce("shadow");
  EXPECT_TRUE(EventuallyAppendIs("admitted"));
}

TEST_F(PolicyOperationsTest, AnEnforcementThatNamesNoRuleIsRefusedAndTheOldOneGoesOn) {
  Enforce("deny");
  StartWithPolicies();
  RegisterOrders();
  EXPECT_EQ(AppendLarge(), "POLICY_DENIED");
  Write("data.json", R"({"nexus":{"enforcement":{"append":{"smal_orders":{"mode":"off"}}}}})");
  const absl::Time deadline = absl::Now() + kPatience;
  while (!absl::StrContains(daemon_->Output(), "new policies refused") && absl::Now() < deadline) {
    EXPECT_EQ(AppendLarge(), "POLICY_DENIED");
  }
  EXPECT_THAT(daemon_->Output(), HasSubstr("enforcement.append.smal_orders"));
  EXPECT_EQ(AppendLarge(), "POLICY_DENIED");
}

TEST_F(PolicyOperationsTest, WhatHasNoEntrypointIsNotAskedAboutAndNexusdSaysSo) {
  StartWithPolicies();
  EXPECT_THAT(daemon_->Output(), HasSubstr("not asked about some operations"));
  EXPECT_THAT(daemon_->Output(), HasSubstr("read,subscribe,query,replay,admin,"
                                           "access_change,execute"));
  std::vector<v1::Event> events;
  EXPECT_TRUE(Read({}, &events).ok());
}

TEST_F(PolicyOperationsTest, ReadsSubscriptionsQueriesAndMaintenancePassThePolicy) {
  Write("read.rego", Deciding("read", "input.stream.category == \"order\""));
  Write("subscribe.rego", Deciding("subscribe", "input.whole_log"));
  Write("query.rego",
        absl::StrCat(Deciding("query", "not short"), "\nshort if input.time.span < 60\n"));
  Write("admin.rego", Deciding("admin", "input.action == \"verify_log\""));
  StartWithPolicies();
  RegisterOrders();
  ASSERT_EQ(AppendLarge(), "POLICY_DENIED") << "every rule denies unless the data lower it";
  std::vector<v1::Event> events;
  v1::ReadRequest orders;
  orders.set_stream("order-1");
  EXPECT_EQ(ReasonOf(Read(orders, &events)), "POLICY_DENIED");
  v1::ReadRequest log;
  EXPECT_TRUE(Read(log, &events).ok());
  log.mutable_to_time()->set_seconds(1);
  EXPECT_EQ(ReasonOf(Read(log, &events)), "POLICY_DENIED") << "a span without a beginning";

  const auto context = Context();
  const auto subscription = events_->Subscribe(context.get(), v1::SubscribeRequest());
  v1::SubscribeResponse message;
  EXPECT_FALSE(subscription->Read(&message));
  EXPECT_EQ(ReasonOf(subscription->Finish()), "POLICY_DENIED");

  const auto verify_context = Context();
  const auto verify = admin_->VerifyLog(verify_context.get(), admin::v1::VerifyLogRequest());
  admin::v1::VerifyLogResponse progress;
  EXPECT_FALSE(verify->Read(&progress));
  EXPECT_EQ(ReasonOf(verify->Finish()), "POLICY_DENIED");
  const auto again = Context();
  const auto schemas = admin_->VerifySchemas(again.get(), admin::v1::VerifySchemasRequest());
  admin::v1::VerifySchemasResponse step;
  EXPECT_TRUE(schemas->Read(&step));
}

}  // namespace
}  // namespace nexus::integration
