// deploy/ci: the templates are YAML, their commands are nexusctl's, and they block what they
// should.

#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/check_fixture.h"
#include "gmock/gmock.h"

namespace nexus::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

// Every line of a script in the document that runs nexusctl.
void FindCommands(const YAML::Node& node, std::vector<std::string>& commands) {
  if (node.IsScalar()) {
    for (const absl::string_view line : absl::StrSplit(node.Scalar(), '\n')) {
      if (absl::StartsWith(line, "nexusctl ")) commands.emplace_back(line);
    }
  }
  if (node.IsSequence()) {
    for (const auto& item : node) FindCommands(item, commands);
  }
  if (node.IsMap()) {
    for (const auto& member : node) FindCommands(member.second, commands);
  }
}

class CiTemplatesTest : public CheckFixture, public ::testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    if (!HasOpa()) return;
    CopyExample("repo/contracts");
    ASSERT_EQ(Git("init -q && git add -A && git commit -q -m before"), 0);
    document_ =
        YAML::LoadFile(absl::StrCat(std::getenv("NEXUS_SOURCE_DIR"), "/deploy/ci/", GetParam()));
    FindCommands(document_, commands_);
    environment_["NEXUS_SERVER"] = server_.address();
  }
  int Git(const std::string& command) {
    return std::system(absl::StrCat("cd ", At("repo"),
                                    " && export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@t "
                                    "GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@t && git ",
                                    command)
                           .c_str());
  }
  // As the shell of the pipeline would, with its variables.
  Outcome RunLine(const std::string& line) {
    std::vector<std::string> arguments;
    for (const absl::string_view word : absl::StrSplit(line, ' ', absl::SkipEmpty())) {
      arguments.push_back(absl::StrReplaceAll(word, {{"\"", ""},
                                                     {"$CONTRACTS", At("repo/contracts")},
                                                     {"$BEFORE", "HEAD"},
                                                     {"$CI_MERGE_REQUEST_DIFF_BASE_SHA", "HEAD"},
                                                     {"=contracts.", "=" + At("contracts.")}}));
      EXPECT_THAT(arguments.back(), ::testing::Not(HasSubstr("$"))) << line;
    }
    arguments.erase(arguments.begin());
    return Run(arguments);
  }
  std::string GateLine() const {
    for (const std::string& line : commands_) {
      if (absl::StrContains(line, "--against-git")) return line;
    }
    return "";
  }

  YAML::Node document_;
  std::vector<std::string> commands_;
};

TEST_P(CiTemplatesTest, EveryCommandIsOneThatNexusctlTakes) {
  ASSERT_THAT(commands_, SizeIs(3));
  for (const std::string& line : commands_) {
    const Outcome outcome = RunLine(line);
    EXPECT_NE(outcome.code, 2) << line << "\n" << outcome.err;
  }
}

TEST_P(CiTemplatesTest, AMergeIsBlockedByABreakingChangeAlone) {
  ASSERT_FALSE(GateLine().empty());
  const Outcome unchanged = RunLine(GateLine());
  EXPECT_EQ(unchanged.code, 0) << unchanged.out << unchanged.err;
  // A field with a default is a change that everybody can live with.
  Edit("repo/contracts/schemas/OrderPlaced.schema.json", R"("note": {)",
       R"("coupon": {"type": "string", "default": ""}, "note": {)");
  const Outcome changed = RunLine(GateLine());
  EXPECT_EQ(changed.code, 0) << changed.out;
  Edit("repo/contracts/schemas/OrderPlaced.schema.json", R"("customer", "total")",
       R"("customer", "total", "note")");
  const Outcome breaking = RunLine(GateLine());
  EXPECT_EQ(breaking.code, 100) << breaking.out << breaking.err;
  EXPECT_THAT(ReadFile(At("contracts.sarif")), HasSubstr("OrderPlaced.schema.json"));
  EXPECT_THAT(ReadFile(At("contracts.xml")), HasSubstr("<failure"));
}

TEST_P(CiTemplatesTest, AMergeIsBlockedByAFailedPolicyTestAndByADirectCall) {
  Edit("repo/contracts/policies/append/one_owner.rego", R"("order": "orders")",
       R"("order": "billing")");
  EXPECT_THAT(RunLine(GateLine()).out, HasSubstr("POLICY_TEST_FAILED"));
  Edit("repo/contracts/graph.yaml", "    consumes:", "    calls: [orders]\n    consumes:");
  const Outcome outcome = RunLine(GateLine());
  EXPECT_EQ(outcome.code, 100);
  EXPECT_THAT(outcome.out, HasSubstr("DIRECT_CALL"));
}

TEST_P(CiTemplatesTest, ADeploymentIsBlockedByTheServersSchemas) {
  // The server of the test says that every schema breaks.
  for (const std::string& line : commands_) {
    if (absl::StrContains(line, "--registered")) {
      EXPECT_EQ(RunLine(line).code, 100) << line;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Deploy, CiTemplatesTest,
                         ::testing::Values("github-actions.yml", "gitlab-ci.yml"),
                         [](const auto& name) {
                           return std::string(absl::StartsWith(name.param, "github") ? "GitHub"
                                                                                     : "GitLab");
                         });

// What makes it a gate: a job that deploys comes after the one that checks.
TEST(CiTemplates, DeploymentsNeedTheCheck) {
  const std::string folder = absl::StrCat(std::getenv("NEXUS_SOURCE_DIR"), "/deploy/ci/");
  const YAML::Node github = YAML::LoadFile(folder + "github-actions.yml");
  EXPECT_EQ(github["jobs"]["deploy"]["needs"].as<std::string>(), "check");
  EXPECT_TRUE(github["on"]["push"].IsDefined());
  EXPECT_TRUE(github["on"]["pull_request"].IsDefined());
  for (const auto& job : github["jobs"]) {
    EXPECT_TRUE(job.second["runs-on"].IsDefined());
    for (const auto& step : job.second["steps"]) {
      EXPECT_NE(step["run"].IsDefined(), step["uses"].IsDefined()) << YAML::Dump(step);
    }
  }
  const YAML::Node gitlab = YAML::LoadFile(folder + "gitlab-ci.yml");
  const auto stages = gitlab["stages"].as<std::vector<std::string>>();
  EXPECT_EQ(gitlab["deploy"]["needs"][0].as<std::string>(), "registered");
  for (const char* job : {"contracts", "registered", "deploy"}) {
    EXPECT_THAT(stages, IsSupersetOf({gitlab[job]["stage"].as<std::string>()}));
    EXPECT_TRUE(gitlab[job]["script"].IsSequence());
  }
}

}  // namespace
}  // namespace nexus::cli
