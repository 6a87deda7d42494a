// The policies that ship, as OPA itself sees them, and asked the way nexusd asks.

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/asking.h"
#include "policy/embedded.h"
#include "policy/opa/opa_decider.h"
#include "policy/opa/opa_supervisor.h"
#include "policy/policy_input.h"
#include "policy/real_opa.h"
#include "policy/server_input.h"
#include "policy/shipped/shipped_bundle.h"
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
  const std::string policies_ = absl::StrCat("'", PolicySources(), "/policies/shipped'");
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

// One decider of each kind for all cases.
class Deciders {
 public:
  virtual ~Deciders() = default;
  virtual PolicyDecider& decider() = 0;
};

class SupervisedOpa : public Deciders {
 public:
  SupervisedOpa() {
    OpaSupervisorOptions options;
    options.work_folder = folder_.Sub("policy");
    supervisor_ = *OpaSupervisor::Start(options, clock_);
    OpaDeciderOptions decider;
    decider.address = supervisor_->address();
    decider_ = *OpaDecider::Create(decider, clock_);
  }
  PolicyDecider& decider() override { return *decider_; }

 private:
  TemporaryFolder folder_;
  SteadyClock clock_;
  std::unique_ptr<OpaSupervisor> supervisor_;
  std::unique_ptr<OpaDecider> decider_;
};

class EmbeddedEngine : public Deciders {
 public:
  EmbeddedEngine() {
    const absl::Status started = embedded_.Start(*ParseWasmBundle(ShippedBundle()));
    EXPECT_TRUE(started.ok()) << started;
  }
  PolicyDecider& decider() override { return embedded_.decider(); }

 private:
  Embedded embedded_;
};

// What every decider does with the policies that ship.
class DefaultPoliciesTest : public testing::TestWithParam<std::string> {
 protected:
  static void TearDownTestSuite() { shared_.clear(); }
  void SetUp() override {
    const bool embedded = GetParam() == "embedded";
    if (!embedded) RequireOpa();
    if (IsSkipped() || HasFatalFailure()) return;
    std::unique_ptr<Deciders>& shared = shared_[GetParam()];
    if (shared == nullptr && embedded) shared = std::make_unique<EmbeddedEngine>();
    if (shared == nullptr) shared = std::make_unique<SupervisedOpa>();
    decider_ = &shared->decider();
    event_.type = "OrderPlaced";
    event_.content_type = "application/json";
    event_.data = "{}";
  }

  absl::StatusOr<PolicyAnswer> Decide(const std::string& operation, const std::string& input) {
    return Pending(*decider_, operation, input, absl::Seconds(20)).Get();
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

  static inline std::map<std::string, std::unique_ptr<Deciders>> shared_;
  PolicyDecider* decider_ = nullptr;
  Event event_;
};

using testing::ElementsAre;
using testing::UnorderedElementsAre;

constexpr SchemaFacts kRegistered{true, 1, true};

TEST_P(DefaultPoliciesTest, AllowAnOrdinaryAppend) {
  EXPECT_THAT(RulesAgainst("order-42", kRegistered), ElementsAre("allowed"));
}

TEST_P(DefaultPoliciesTest, DenyStreamsOfTheServer) {
  EXPECT_THAT(RulesAgainst("$schemas", kRegistered), ElementsAre("system_streams_are_the_servers"));
}

TEST_P(DefaultPoliciesTest, DenyEventsWithoutASchemaUnlessOptional) {
  EXPECT_THAT(RulesAgainst("order-42", {false, 0, true}),
              ElementsAre("registered_schema_required"));
  EXPECT_THAT(RulesAgainst("order-42", {false, 0, false}), ElementsAre("allowed"));
}

TEST_P(DefaultPoliciesTest, DenyCriticalEventsWithoutAnOwner) {
  event_.routing.criticality = Criticality::kHigh;
  EXPECT_THAT(RulesAgainst("order-42", kRegistered), ElementsAre("critical_event_needs_owner"));
  event_.metadata = {{"owner", "team-orders"}};
  EXPECT_THAT(RulesAgainst("order-42", kRegistered), ElementsAre("allowed"));
}

TEST_P(DefaultPoliciesTest, NameEveryRuleThatIsBroken) {
  event_.routing.criticality = Criticality::kHigh;
  EXPECT_THAT(RulesAgainst("$x", {false, 0, true}),
              UnorderedElementsAre("system_streams_are_the_servers", "registered_schema_required",
                                   "critical_event_needs_owner"));
}

TEST_P(DefaultPoliciesTest, ReadNamesAsTheyAreWhateverIsInThem) {
  event_.type = "\"}],\\";
  event_.metadata = {{"\x01\"", "\xF0\x9F\x98\x80"}};
  EXPECT_THAT(RulesAgainst("{\"\\ order", kRegistered), ElementsAre("allowed"));
}

TEST_P(DefaultPoliciesTest, DecideRegistrations) {
  EXPECT_THAT(
      RulesOf(Decide("register_schema", RegisterSchemaInput({0, "OrderPlaced", "", 10}, {}))),
      ElementsAre("allowed"));
  EXPECT_THAT(RulesOf(Decide("register_schema", RegisterSchemaInput({0, "$x", "", 10}, {}))),
              ElementsAre("reserved_subject"));
}

TEST_P(DefaultPoliciesTest, DecideCategorySettings) {
  EXPECT_THAT(RulesOf(Decide("update_category", UpdateCategoryInput({0, "order", "optional"}, {}))),
              ElementsAre("allowed"));
  EXPECT_THAT(RulesOf(Decide("update_category", UpdateCategoryInput({0, "$x", "optional"}, {}))),
              ElementsAre("reserved_category"));
}

TEST_P(DefaultPoliciesTest, DecideCompatibilitySettings) {
  EXPECT_THAT(
      RulesOf(Decide("update_compatibility", UpdateCompatibilityInput({0, "order", "", {}}, {}))),
      ElementsAre("allowed"));
  EXPECT_THAT(
      RulesOf(Decide("update_compatibility", UpdateCompatibilityInput({0, "$x", "", {}}, {}))),
      ElementsAre("reserved_subject"));
}

TEST_P(DefaultPoliciesTest, AllowReadsMaintenanceAndAccessUnlessTheDataSayMore) {
  const ReadFacts facts{.call = "read", .system_events = true, .from_time = Timestamp{1}};
  const std::vector<std::pair<std::string, std::string>> questions = {
      {"read", ReadInput(facts, {})},
      {"subscribe", SubscribeInput(facts, {})},
      {"query", QueryInput(facts, {})},
      {"admin", AdminInput({.action = "drain"}, {})},
      {"access_change", AccessChangeInput({.action = "create_token"}, {})},
      {"execute", CommandInput({.type = "Do", .stream = "thing-1"}, {})}};
  for (const auto& [operation, input] : questions) {
    EXPECT_THAT(RulesOf(Decide(operation, input)), ElementsAre("allowed")) << operation;
    EXPECT_THAT(RulesOf(Decide(operation, "{}")), ElementsAre()) << operation;
  }
}

TEST_P(DefaultPoliciesTest, LeaveAnUnknownOperationUndecided) {
  EXPECT_EQ(FailureOf(Decide("drop_everything", "{}").status()), "undefined");
}

TEST_P(DefaultPoliciesTest, LeaveAMalformedInputUndecidedAndTheOthersDecided) {
  const Pending bad(*decider_, "append", "{\"operation\":", absl::Seconds(20));
  EXPECT_THAT(RulesAgainst("order-42", kRegistered), ElementsAre("allowed"));
  EXPECT_EQ(FailureOf(bad.Get().status()), "engine_error");
}

TEST_P(DefaultPoliciesTest, DecideMixedOperationsInOneBatchEachByItsOwnRules) {
  std::vector<Pending> appends;
  std::vector<Pending> registrations;
  for (int i = 0; i < 100; ++i) {
    Commit commit;
    commit.streams.push_back({StreamName::Literal(absl::StrCat(i % 2 == 0 ? "$" : "s", i)), {}});
    commit.events.push_back({0, event_});
    appends.emplace_back(*decider_, "append", AppendInput(commit, {}, {kRegistered}, {}),
                         absl::Seconds(20));
    registrations.emplace_back(
        *decider_, "register_schema",
        RegisterSchemaInput({0, absl::StrCat(i % 3 == 0 ? "$" : "t", i), "", 1}, {}),
        absl::Seconds(20));
  }
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(appends[i].Get().ok()) << appends[i].Get().status();
    EXPECT_EQ(appends[i].Get()->allow, i % 2 != 0) << i;
    EXPECT_EQ(registrations[i].Get()->allow, i % 3 != 0) << i;
  }
}

TEST_P(DefaultPoliciesTest, LeaveAWordThatIsNoneUndecided) {
  EXPECT_EQ(FailureOf(Decide("Append/../x", "{}").status()), "malformed_question");
}

TEST_P(DefaultPoliciesTest, NameTheirRevision) {
  const absl::StatusOr<PolicyAnswer> answer = Decide("append", "{}");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->revision.size(), 64);
  EXPECT_EQ(answer->revision, decider_->State().revision);
  EXPECT_TRUE(decider_->State().ready);
}

INSTANTIATE_TEST_SUITE_P(Every, DefaultPoliciesTest, testing::Values("opa", "embedded"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace nexus::policy
