#include "domain/policy/domain_policies.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "fake/recording_metrics.h"
#include "fake/scripted_policy.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "policy/asking.h"
#include "policy/compiled_policies.h"
#include "policy/failure.h"
#include "policy/real_opa.h"
#include "policy/steady_clock.h"
#include "schema/json/simd_json_reader.h"
#include "script/spidermonkey/spidermonkey_engine.h"

namespace nexus::domain {
namespace {

using policy::DenyIf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DomainPoliciesTest : public ::testing::Test {
 protected:
  void SetUp() override { policy::RequireOpa(); }

  // The text of a bundle as nexusctl puts it into a package.
  static std::string BundleOf(const policy::Sources& sources) {
    const absl::StatusOr<std::string> archive = policy::CompileArchive(sources);
    EXPECT_TRUE(archive.ok()) << archive.status();
    return archive.ok() ? absl::Base64Escape(*archive) : "";
  }

  // A domain with one policy that decides about the streams of `category`.
  void Apply(const std::string& domain, const std::string& category, std::string bundle) {
    auto package = std::make_shared<DomainPackage>();
    package->name = domain;
    package->declarations = {
        {"policy.yaml", absl::StrCat(R"({"apiVersion":"nexus/v1","kind":"Policy",)",
                                     R"("metadata":{"name":"limits"},"spec":{"categories":[")",
                                     category, R"("]}})")}};
    package->files = {{"policies/policy.bundle", std::move(bundle)}};
    DomainRecord& record = domains_[domain];
    record.package = std::move(package);
    ++record.version;
  }
  std::shared_ptr<const DomainState> State() {
    auto state = DomainState::Build(domains_, json_);
    EXPECT_TRUE(state.ok()) << state.status();
    return *state;
  }
  void Use() { policies_.Use(*State()); }

  // The revision that lets it in, the rule that does not, or why it could not be decided.
  std::string Outcome(const std::string& category, const std::string& input) {
    struct Box {
      absl::Notification there;
      absl::StatusOr<PolicyAnswer> answer;
    };
    const auto box = std::make_shared<Box>();
    policies_.decider().Decide({"append", input, {category}}, absl::Seconds(20),
                               [box](absl::StatusOr<PolicyAnswer> answer) {
                                 box->answer = std::move(answer);
                                 box->there.Notify();
                               });
    box->there.WaitForNotification();
    if (!box->answer.ok()) return policy::FailureOf(box->answer.status());
    return box->answer->allow ? box->answer->revision : box->answer->denials.front().rule;
  }

  policy::SteadyClock clock_;
  fake::RecordingMetrics metrics_;
  fake::ScriptedPolicy server_;
  schema::SimdJsonReader json_;
  std::unique_ptr<script::SpiderMonkeyEngine> scripts_ =
      *script::SpiderMonkeyEngine::Create(clock_);
  std::vector<std::string> unusable_;
  DomainPolicies policies_{{server_, *scripts_, clock_, metrics_,
                            [this](const std::string& name, const std::string& why) {
                              unusable_.push_back(absl::StrCat(name, ": ", why));
                            }},
                           {}};
  std::map<std::string, DomainRecord> domains_;
};

TEST_F(DomainPoliciesTest, ThoseOfTheStateDecide) {
  Apply("orders", "order", BundleOf(DenyIf("input.n == 1")));
  Apply("iot", "sensor", BundleOf(DenyIf("input.n == 2")));
  Use();
  EXPECT_EQ(Outcome("order", R"({"n":1})"), "orders/limits/r");
  EXPECT_EQ(Outcome("order", R"({"n":2})"), "rev-1+orders@1");
  EXPECT_EQ(Outcome("sensor", R"({"n":2})"), "iot/limits/r");
  EXPECT_EQ(Outcome("payment", R"({"n":1})"), "rev-1");

  // Another version decides at once, and one that is gone does not.
  Apply("orders", "order", BundleOf(DenyIf("input.n == 3")));
  domains_.erase("iot");
  Use();
  EXPECT_EQ(Outcome("order", R"({"n":1})"), "rev-1+orders@2");
  EXPECT_EQ(Outcome("order", R"({"n":3})"), "orders/limits/r");
  EXPECT_EQ(Outcome("sensor", R"({"n":2})"), "rev-1");
}

TEST_F(DomainPoliciesTest, WhatCannotBeUsedRefusesAndTellsWhy) {
  Apply("orders", "order", absl::Base64Escape("no archive"));
  Apply("iot", "sensor", "%%%");
  Use();
  EXPECT_EQ(Outcome("order", "{}"), policy::kNoPolicies);
  EXPECT_EQ(Outcome("sensor", "{}"), policy::kNoPolicies);
  EXPECT_EQ(Outcome("payment", "{}"), "rev-1");
  ASSERT_THAT(unusable_, SizeIs(2));
  EXPECT_THAT(unusable_[0], HasSubstr("iot/limits: policies/policy.bundle is not base64"));
  EXPECT_THAT(policies_.decider().State().reason, HasSubstr("orders/limits"));
}

TEST_F(DomainPoliciesTest, ChecksThatAPolicyCanBeUsed) {
  const auto check = [&](std::string bundle) {
    Apply("orders", "order", std::move(bundle));
    return policies_.Check(State()->policies().front());
  };
  EXPECT_TRUE(check(BundleOf(DenyIf("input.n == 1"))).ok());

  absl::Status refused = check("%%%");
  EXPECT_EQ(ReasonOf(refused), ErrorReason::kMalformedRequest);
  refused = check(absl::Base64Escape("no archive"));
  EXPECT_FALSE(refused.ok());

  refused = check(BundleOf({{"a.rego", R"(package nexus.read
decision := {"allow": true, "deny": []})"}}));
  EXPECT_EQ(ReasonOf(refused), ErrorReason::kMalformedRequest);
  EXPECT_THAT(refused.message(), HasSubstr("decides read"));
  EXPECT_THAT(refused.message(), HasSubstr("append and execute"));
}

TEST_F(DomainPoliciesTest, OneThatWasCheckedDecidesNothingYet) {
  Apply("orders", "order", BundleOf(DenyIf("input.n == 1")));
  ASSERT_TRUE(policies_.Check(State()->policies().front()).ok());
  EXPECT_EQ(Outcome("order", R"({"n":1})"), "rev-1");
}

TEST_F(DomainPoliciesTest, WhatWasCheckedIsAtHandThoughAnotherDomainWasAppliedMeanwhile) {
  Apply("orders", "order", BundleOf(DenyIf("input.n == 1")));
  ASSERT_TRUE(policies_.Check(State()->policies().front()).ok());
  const auto with_orders = State();
  domains_.erase("orders");
  Apply("iot", "sensor", BundleOf(DenyIf("input.n == 2")));
  Use();
  EXPECT_EQ(policies_.compiled(), 2u);
  policies_.Use(*with_orders);
  EXPECT_EQ(policies_.compiled(), 1u);
  EXPECT_EQ(Outcome("order", R"({"n":1})"), "orders/limits/r");
}

TEST_F(DomainPoliciesTest, ChecksWithoutEndTakeNoMemoryWithoutEnd) {
  for (size_t i = 0; i < DomainPolicies::kCheckedMax + 3; ++i) {
    Apply("orders", "order", BundleOf(DenyIf(absl::StrCat("input.n == ", i))));
    ASSERT_TRUE(policies_.Check(State()->policies().front()).ok()) << i;
  }
  EXPECT_EQ(policies_.compiled(), DomainPolicies::kCheckedMax);
  Use();
  EXPECT_EQ(Outcome("order", absl::StrCat("{\"n\":", DomainPolicies::kCheckedMax + 2, "}")),
            "orders/limits/r");
  EXPECT_THAT(unusable_, IsEmpty());
}

TEST_F(DomainPoliciesTest, RefusesABundleThatUnpacksToALot) {
  Apply("orders", "order",
        BundleOf({{"a.rego", "package nexus.append\ndecision := {\"allow\": true, \"deny\": []}"},
                  {"data.json", absl::StrCat(R"({"text":")", std::string(9 << 20, 'a'), "\"}")}}));
  const absl::Status refused = policies_.Check(State()->policies().front());
  EXPECT_FALSE(refused.ok());
  EXPECT_THAT(refused.message(), HasSubstr("8388608"));
}

TEST_F(DomainPoliciesTest, NothingIsAdmittedAfterTheEnd) {
  Apply("orders", "order", BundleOf(DenyIf("input.n == 1")));
  Use();
  policies_.Stop();
  EXPECT_EQ(Outcome("order", R"({"n":7})"), policy::kNoPolicies);
  Apply("orders", "order", BundleOf(DenyIf("input.n == 2")));
  EXPECT_EQ(ReasonOf(policies_.Check(State()->policies().front())), ErrorReason::kDraining);
}

}  // namespace
}  // namespace nexus::domain
