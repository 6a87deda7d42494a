// The real nexusctl against the real nexusd.

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "cli/daemon_and_shell.h"
#include "gmock/gmock.h"

namespace nexus::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class NexusctlTest : public DaemonAndShell {
 protected:
  void RegisterOrders() {
    const Result result =
        Run(R"(echo '{"type":"object","properties":{"total":{"type":"number","minimum":0}},)"
            R"("required":["total"]}' | nexusctl schema register order.placed -)");
    ASSERT_EQ(result.code, 0) << result.output;
  }
};

TEST_F(NexusctlTest, AppendsAndReadsBack) {
  RegisterOrders();
  Result result = Run(R"(nexusctl append order-1 order.placed --data '{"total": 5}' --tag web)");
  ASSERT_EQ(result.code, 0) << result.output;
  result = Run("nexusctl read order-1");
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.output, HasSubstr(R"("data":{"total":5},"tags":["web"])"));
  EXPECT_THAT(Run("nexusctl stream ls").output, HasSubstr(R"("stream":"order-1")"));
}

TEST_F(NexusctlTest, ObservesACandidateOverStoredEvents) {
  RegisterOrders();
  ASSERT_EQ(Run(R"(nexusctl append order-1 order.placed --data '{"total": 5}')").code, 0);
  Result result = Run("echo '{}' | nexusctl schema observe order.placed - -o json");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr(R"("events":1,"valid":1,"breaking":0)"));
  result = Run(R"(echo '{"properties":{"total":{"minimum":9}}}' | )"
               "nexusctl schema observe order.placed - --limit 1 --newest-first -o table");
  EXPECT_EQ(result.code, 100) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr("order-1 revision 0, position "),
                                   HasSubstr(", stored with version 1")));
  EXPECT_THAT(result.output, HasSubstr("at \"/total\": minimum: "));
}

TEST_F(NexusctlTest, TellsTheHistoryOfASubjectAndWhatItsVersionsChanged) {
  RegisterOrders();
  Result result =
      Run(R"(echo '{"type":"object","properties":{"total":{"type":"number","minimum":0},)"
          R"("note":{"type":"string","default":""}},"required":["total"]}' | )"
          "nexusctl schema register order.placed - --comment 'a note'");
  ASSERT_EQ(result.code, 0) << result.output;
  result = Run("nexusctl schema history order.placed -o jsonl");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr(R"("version":1,"id":1,"state":"active")"));
  EXPECT_THAT(result.output, HasSubstr(R"("comment":"a note")"));
  result = Run("nexusctl schema history order.placed --changes -o table");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("added \"/properties/note\""));

  result = Run("nexusctl schema diff order.placed -o json");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr(R"("backward":"compatible","forward":"compatible")"));
  EXPECT_THAT(result.output, HasSubstr(R"("change":"added","path":"/properties/note")"));
  result = Run("nexusctl schema diff order.placed --from 2 --to 1 -o json");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr(R"("backward":"breaking")"));
  EXPECT_THAT(result.output, HasSubstr(R"("rule":"FIELD_REMOVED")"));
  EXPECT_EQ(Run("nexusctl schema history nobody").code, 3);
}

TEST_F(NexusctlTest, VerifiesStoredEventsAgainstTheirSchemas) {
  RegisterOrders();
  ASSERT_EQ(Run(R"(nexusctl append order-1 order.placed --data '{"total": 5}')").code, 0);
  const Result result = Run("nexusctl verify --schemas -o json");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr(R"("with_schema":1,)"));
  EXPECT_THAT(result.output, HasSubstr(R"("failures":0,)"));
}

TEST_F(NexusctlTest, AViolationNamesPointerAndKeyword) {
  RegisterOrders();
  const Result result = Run(R"(nexusctl append order-1 order.placed --data '{"total": -5}')");
  EXPECT_EQ(result.code, 5);
  EXPECT_THAT(result.output, HasSubstr("error: SCHEMA_VIOLATION: "));
  EXPECT_THAT(result.output, HasSubstr(" at /total: minimum"));
  EXPECT_EQ(Run("nexusctl read order-1").code, 3);
}

TEST_F(NexusctlTest, AnEventWithoutASchemaIsRefusedUntilItsCategoryIsOptional) {
  EXPECT_EQ(Run("nexusctl append note-1 noted --data '{}'").code, 5);
  ASSERT_EQ(Run("nexusctl category set note --schema-mode optional").code, 0);
  EXPECT_EQ(Run("nexusctl append note-1 noted --data '{}'").code, 0);
}

TEST_F(NexusctlTest, AConflictNamesWhatIsThere) {
  RegisterOrders();
  const std::string append =
      R"(nexusctl append order-1 order.placed --data '{"total": 5}' --expect no-stream)";
  ASSERT_EQ(Run(append).code, 0);
  const Result result = Run(append);
  EXPECT_EQ(result.code, 4);
  EXPECT_THAT(result.output, HasSubstr("stream order-1: expected no_stream; actual 0"));
}

TEST_F(NexusctlTest, TheSameCommitIdIsAnsweredAgain) {
  RegisterOrders();
  const std::string append = R"(nexusctl append order-1 order.placed --data '{"total": 5}' )"
                             "--commit-id 01900000-0000-7000-8000-000000000001";
  EXPECT_THAT(Run(append).output, HasSubstr(R"("repeated":false)"));
  EXPECT_THAT(Run(append).output, HasSubstr(R"("repeated":true)"));
}

TEST_F(NexusctlTest, DefinesAndRemovesRoles) {
  EXPECT_THAT(Run("nexusctl role list").output,
              AllOf(HasSubstr(R"("role":"admin")"), HasSubstr(R"("role":"auditor")")));
  Result result =
      Run("nexusctl role define till --operation append --operation read "
          "--comment 'at the counter'");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(Run("nexusctl role list").output,
              HasSubstr(R"({"role":"till","operations":["append","read"],"system_streams":false,)"
                        R"("built_in":false,"comment":"at the counter"})"));
  EXPECT_EQ(Run("nexusctl role define till --operation fly").code, 1);
  EXPECT_EQ(Run("nexusctl role define till").code, 2);
  EXPECT_EQ(Run("nexusctl role define admin --operation read").code, 1);
  EXPECT_EQ(Run("nexusctl role remove till --comment closed").code, 0);
  EXPECT_EQ(Run("nexusctl role remove till").code, 3);
}

TEST_F(NexusctlTest, BindsRolesAndTakesThemAway) {
  EXPECT_EQ(Run("nexusctl binding create writer").code, 2) << "to whom?";
  EXPECT_EQ(Run("nexusctl binding create nobody --principal ann").code, 3);
  Result result =
      Run("nexusctl binding create writer --principal ann --category order "
          "--stream-prefix invoice-7 --type 'order.*' --comment trial");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr(R"("effect":"allow","categories":["order"])"),
                                   HasSubstr(R"("event_types":["order.*"])")));
  EXPECT_EQ(Run("nexusctl binding create reader --group guests --deny").code, 0);
  EXPECT_THAT(Run("nexusctl binding list -o table").output,
              AllOf(HasSubstr("group guests"), HasSubstr("order, invoice-7*, type order.*")));
  EXPECT_THAT(Run("nexusctl binding list --member guests").output, Not(HasSubstr("ann")));
  result =
      Run("nexusctl binding delete $(nexusctl binding list --member ann | "
          "grep -o '\"id\":\"[^\"]*' | cut -d'\"' -f4)");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_EQ(Run("nexusctl binding list --member ann").output, "");
  EXPECT_EQ(Run("nexusctl binding delete none").code, 3);
}

TEST_F(NexusctlTest, RecoversAnAdministratorOfAStoppedServerOnly) {
  const std::string recover = "nexusctl admin recover --data $WORK/data";
  Result result = Run(recover);
  EXPECT_EQ(result.code, 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("is in use by process"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "data/admin.token"));
  EXPECT_EQ(Run("nexusctl admin recover --data $WORK/none").code, 2);
  EXPECT_EQ(Run("nexusctl admin recover --data $WORK/data --nexusd $WORK/none").code, 3);

  ASSERT_TRUE(daemon_->Terminate().ok());
  result = Run(recover);
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("/data/admin.token"));
  EXPECT_EQ(std::filesystem::status(folder_ / "data/admin.token").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);

  harness::NexusdOptions options;
  options.data_folder = folder_ / "data";
  options.arguments = {"--set", "access.mode=enforced"};
  auto started = harness::NexusdProcess::Start(options);
  ASSERT_TRUE(started.ok()) << started.status();
  daemon_ = *std::move(started);
  EXPECT_EQ(Run("nexusctl status").code, 6);
  settings_ = {{"NEXUS_TOKEN_FILE", folder_ / "data/admin.token"}};
  result = Run("nexusctl token list");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr("recovered on the machine itself by user"),
                                   HasSubstr(R"("created_by":"$operator")")));
  result = Run("nexusctl read '$audit' -o jsonl");
  EXPECT_THAT(result.output, AllOf(HasSubstr(R"("principal":"$operator")"),
                                   HasSubstr(R"("action":"recover_admin")")));
}

TEST_F(NexusctlTest, RecoversNothingInAFolderOfAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
  ASSERT_TRUE(daemon_->Terminate().ok());
  ASSERT_EQ(chown((folder_ / "data").c_str(), 12'345, static_cast<gid_t>(-1)), 0);
  const Result result = Run("nexusctl admin recover --data $WORK/data");
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.output, HasSubstr("belongs to user 12345"));
}

TEST_F(NexusctlTest, TailSeesWhatIsAppendedMeanwhileAndStopsAtCtrlC) {
  RegisterOrders();
  const auto tail = Start("exec nexusctl tail order-1 -v");
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  while (!absl::StrContains(tail->Output(), "live from") && absl::Now() < deadline) {
    Run("nexusctl status");  // stands in for a pause
  }
  ASSERT_EQ(Run(R"(nexusctl append order-1 order.placed --data '{"total": 5}')").code, 0);
  while (!absl::StrContains(tail->Output(), "order.placed") && absl::Now() < deadline) {
    Run("nexusctl status");
  }
  EXPECT_THAT(tail->Output(), HasSubstr(R"("data":{"total":5})"));
  tail->Signal(SIGINT);
  const auto exit = tail->WaitForExit(absl::Seconds(60));
  ASSERT_TRUE(exit.ok()) << exit.status();
  EXPECT_EQ(exit->code, 130);
}

TEST_F(NexusctlTest, PolicyCheckAllowsWhatAppendWould) {
  RegisterOrders();
  const Result result = Run(R"(nexusctl policy check order-1 order.placed --data '{"total": 5}')");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr(R"("allowed":true)"));
  EXPECT_EQ(Run("nexusctl stream info order-1").code, 3);
}

TEST_F(NexusctlTest, StatusSaysReady) {
  const Result result = Run("nexusctl status");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr(R"("ready":true)"));
}

TEST_F(NexusctlTest, BenchRegistersWhatItNeedsAndCountsNoError) {
  const Result result =
      Run("nexusctl bench append --clients 8 --batch 2 --size 256 --duration 1s -q -o json");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr(R"("errors":0)"));
  EXPECT_THAT(result.output, Not(HasSubstr(R"("requests_per_second":0,)")));
  EXPECT_EQ(Run("nexusctl bench read --once -q").code, 0);
}

TEST_F(NexusctlTest, AWrongTokenIsExitCode6) {
  EXPECT_EQ(Run("nexusctl status --token wrong").code, 6);
}

}  // namespace
}  // namespace nexus::cli
