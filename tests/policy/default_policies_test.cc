// The policies that ship, as OPA itself sees them, and asked the way nexusd asks.

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/asking.h"
#include "policy/opa/opa_decider.h"
#include "policy/opa/opa_supervisor.h"
#include "policy/policy_input.h"
#include "policy/real_opa.h"
#include "policy/steady_clock.h"
#include "policy/temporary_folder.h"

namespace nexus::policy {
namespace {

struct ProgramOutcome {
  int code = -1;
  std::string output;
};

// Runs `opa` with arguments that need no quoting beyond what is in them.
ProgramOutcome RunOpa(const std::string& arguments) {
  const std::string command = absl::StrCat("'", *FindOpa(""), "' ", arguments, " 2>&1");
  ProgramOutcome outcome;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> piece{};
  while (const size_t n = std::fread(piece.data(), 1, piece.size(), pipe)) {
    outcome.output.append(piece.data(), n);
  }
  outcome.code = WEXITSTATUS(::pclose(pipe));
  return outcome;
}

class PolicySourcesTest : public testing::Test {
 protected:
  void SetUp() override { RequireOpa(); }
  const std::string policies_ = absl::StrCat("'", PolicySources(), "/policies'");
  const std::string batch_ = absl::StrCat("'", PolicySources(), "/src/policy/opa/batch.rego'");
};

TEST_F(PolicySourcesTest, PassTheirOwnTests) {
  const ProgramOutcome outcome = RunOpa("test -v " + policies_);
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_TRUE(absl::StrContains(outcome.output, "PASS: ")) << outcome.output;
}

TEST_F(PolicySourcesTest, PassTheStrictCheck) {
  const ProgramOutcome outcome = RunOpa("check --strict " + policies_ + " " + batch_);
  EXPECT_EQ(outcome.code, 0) << outcome.output;
}

TEST_F(PolicySourcesTest, AreFormatted) {
  const ProgramOutcome outcome = RunOpa("fmt --list " + policies_ + " " + batch_);
  EXPECT_EQ(outcome.output, "");
}

class DefaultPoliciesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!FindOpa("").ok()) return;
    shared_ = new Shared;
    OpaSupervisorOptions options;
    options.work_folder = shared_->folder.Sub("policy");
    auto supervisor = OpaSupervisor::Start(options, shared_->clock);
    ASSERT_TRUE(supervisor.ok()) << supervisor.status();
    shared_->supervisor = *std::move(supervisor);
    OpaDeciderOptions decider;
    decider.address = shared_->supervisor->address();
    shared_->decider = *OpaDecider::Create(decider, shared_->clock);
  }
  static void TearDownTestSuite() {
    if (shared_ == nullptr) return;
    shared_->decider.reset();
    delete shared_;
    shared_ = nullptr;
  }
  void SetUp() override {
    RequireOpa();
    event_.type = "OrderPlaced";
    event_.content_type = "application/json";
    event_.data = "{}";
  }

  absl::StatusOr<PolicyAnswer> Decide(const std::string& operation, const std::string& input) {
    return Pending(*shared_->decider, operation, input, absl::Seconds(20)).Get();
  }
  // Of an append of event_ to `stream`, or why there are none.
  std::vector<std::string> RulesAgainst(const std::string& stream, const SchemaFacts& schema) {
    Commit commit;
    commit.streams.push_back({StreamName::Literal(stream), {}});
    commit.events.push_back({0, event_});
    return RulesOf(Decide("append", AppendInput(commit, {}, {schema}, {})));
  }
  static std::vector<std::string> RulesOf(const absl::StatusOr<PolicyAnswer>& answer) {
    if (!answer.ok()) return {std::string(answer.status().message())};
    std::vector<std::string> rules;
    for (const PolicyDenial& denial : answer->denials) rules.push_back(denial.rule);
    if (answer->allow) rules.push_back("allowed");
    return rules;
  }

  struct Shared {
    TemporaryFolder folder;
    SteadyClock clock;
    std::unique_ptr<OpaSupervisor> supervisor;
    std::unique_ptr<OpaDecider> decider;
  };
  static inline Shared* shared_ = nullptr;  // one OPA for all cases
  Event event_;
};

using testing::ElementsAre;
using testing::UnorderedElementsAre;

constexpr SchemaFacts kRegistered{true, 1, true};

TEST_F(DefaultPoliciesTest, AllowAnOrdinaryAppend) {
  EXPECT_THAT(RulesAgainst("order-42", kRegistered), ElementsAre("allowed"));
}

TEST_F(DefaultPoliciesTest, DenyStreamsOfTheServer) {
  EXPECT_THAT(RulesAgainst("$schemas", kRegistered), ElementsAre("system_streams_are_the_servers"));
}

TEST_F(DefaultPoliciesTest, DenyEventsWithoutASchemaUnlessOptional) {
  EXPECT_THAT(RulesAgainst("order-42", {false, 0, true}),
              ElementsAre("registered_schema_required"));
  EXPECT_THAT(RulesAgainst("order-42", {false, 0, false}), ElementsAre("allowed"));
}

TEST_F(DefaultPoliciesTest, DenyCriticalEventsWithoutAnOwner) {
  event_.routing.criticality = Criticality::kHigh;
  EXPECT_THAT(RulesAgainst("order-42", kRegistered), ElementsAre("critical_event_needs_owner"));
  event_.metadata = {{"owner", "team-orders"}};
  EXPECT_THAT(RulesAgainst("order-42", kRegistered), ElementsAre("allowed"));
}

TEST_F(DefaultPoliciesTest, NameEveryRuleThatIsBroken) {
  event_.routing.criticality = Criticality::kHigh;
  EXPECT_THAT(RulesAgainst("$x", {false, 0, true}),
              UnorderedElementsAre("system_streams_are_the_servers", "registered_schema_required",
                                   "critical_event_needs_owner"));
}

TEST_F(DefaultPoliciesTest, ReadNamesAsTheyAreWhateverIsInThem) {
  event_.type = "\"}],\\";
  event_.metadata = {{"\x01\"", "\xF0\x9F\x98\x80"}};
  EXPECT_THAT(RulesAgainst("{\"\\ order", kRegistered), ElementsAre("allowed"));
}

TEST_F(DefaultPoliciesTest, DecideRegistrations) {
  EXPECT_THAT(
      RulesOf(Decide("register_schema", RegisterSchemaInput({0, "OrderPlaced", "", 10}, {}))),
      ElementsAre("allowed"));
  EXPECT_THAT(RulesOf(Decide("register_schema", RegisterSchemaInput({0, "$x", "", 10}, {}))),
              ElementsAre("reserved_subject"));
}

TEST_F(DefaultPoliciesTest, DecideCategorySettings) {
  EXPECT_THAT(RulesOf(Decide("update_category", UpdateCategoryInput({0, "order", "optional"}, {}))),
              ElementsAre("allowed"));
  EXPECT_THAT(RulesOf(Decide("update_category", UpdateCategoryInput({0, "$x", "optional"}, {}))),
              ElementsAre("reserved_category"));
}

TEST_F(DefaultPoliciesTest, DecideCompatibilitySettings) {
  EXPECT_THAT(
      RulesOf(Decide("update_compatibility", UpdateCompatibilityInput({0, "order", "", {}}, {}))),
      ElementsAre("allowed"));
  EXPECT_THAT(
      RulesOf(Decide("update_compatibility", UpdateCompatibilityInput({0, "$x", "", {}}, {}))),
      ElementsAre("reserved_subject"));
}

TEST_F(DefaultPoliciesTest, LeaveAnUnknownOperationUndecided) {
  EXPECT_EQ(FailureOf(Decide("drop_everything", "{}").status()), "undefined");
}

TEST_F(DefaultPoliciesTest, LeaveAMalformedInputUndecidedAndTheOthersDecided) {
  const Pending bad(*shared_->decider, "append", "{\"operation\":", absl::Seconds(20));
  EXPECT_THAT(RulesAgainst("order-42", kRegistered), ElementsAre("allowed"));
  EXPECT_EQ(FailureOf(bad.Get().status()), "engine_error");
}

TEST_F(DefaultPoliciesTest, DecideMixedOperationsInOneBatchEachByItsOwnRules) {
  std::vector<Pending> appends;
  std::vector<Pending> registrations;
  for (int i = 0; i < 100; ++i) {
    Commit commit;
    commit.streams.push_back({StreamName::Literal(absl::StrCat(i % 2 == 0 ? "$" : "s", i)), {}});
    commit.events.push_back({0, event_});
    appends.emplace_back(*shared_->decider, "append", AppendInput(commit, {}, {kRegistered}, {}),
                         absl::Seconds(20));
    registrations.emplace_back(
        *shared_->decider, "register_schema",
        RegisterSchemaInput({0, absl::StrCat(i % 3 == 0 ? "$" : "t", i), "", 1}, {}),
        absl::Seconds(20));
  }
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(appends[i].Get().ok()) << appends[i].Get().status();
    EXPECT_EQ(appends[i].Get()->allow, i % 2 != 0) << i;
    EXPECT_EQ(registrations[i].Get()->allow, i % 3 != 0) << i;
  }
}

}  // namespace
}  // namespace nexus::policy
