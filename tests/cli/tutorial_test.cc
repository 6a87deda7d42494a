// Runs the console blocks of pages and compares what they print.

#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/daemon_and_shell.h"
#include "fake/eventually.h"
#include "fake/requirement.h"
#include "harness/nexusd/free_port.h"

namespace nexus::cli {
namespace {

struct Step {
  std::string command;
  std::vector<std::string> output;
};

// The step that writes the lines of a block that names a file: "```yaml $WORK/library/book.yaml".
Step WritingStep(absl::string_view path, std::istream& page) {
  Step step;
  step.command = absl::StrCat("mkdir -p \"$(dirname \"", path, "\")\" && cat >\"", path,
                              "\" <<'END-OF-BLOCK'");
  for (std::string line; std::getline(page, line) && line != "```";) {
    absl::StrAppend(&step.command, "\n", line);
  }
  step.command += "\nEND-OF-BLOCK";
  return step;
}

// "$ command" begins a step, "> " goes on with it; the lines until the next one are what it prints.
std::vector<Step> ParseSteps(std::istream& page) {
  std::vector<Step> steps;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (absl::StartsWith(line, "```") && absl::StrContains(line, " $WORK/")) {
      steps.push_back(WritingStep(absl::string_view(line).substr(line.find(' ') + 1), page));
    } else if (absl::StartsWith(line, "```")) {
      inside = line == "```console";
    } else if (inside && absl::StartsWith(line, "$ ")) {
      steps.push_back({line.substr(2), {}});
    } else if (inside && !steps.empty() && steps.back().output.empty() &&
               absl::StartsWith(line, "> ")) {
      absl::StrAppend(&steps.back().command, "\n", line.substr(2));
    } else if (inside && !steps.empty()) {
      steps.back().output.push_back(line);
    }
  }
  return steps;
}

// "..." stands for anything within a line.
bool LineMatches(absl::string_view pattern, absl::string_view line) {
  const size_t dots = pattern.find("...");
  if (dots == absl::string_view::npos) return pattern == line;
  return absl::StartsWith(line, pattern.substr(0, dots)) &&
         absl::EndsWith(line.substr(dots), pattern.substr(dots + 3));
}

// A line of "..." alone stands for any number of lines.
bool OutputMatches(const std::vector<std::string>& wanted, size_t i,
                   const std::vector<std::string>& actual, size_t j) {
  if (i == wanted.size()) return j == actual.size();
  if (wanted[i] == "...") {
    for (size_t next = j; next <= actual.size(); ++next) {
      if (OutputMatches(wanted, i + 1, actual, next)) return true;
    }
    return false;
  }
  return j < actual.size() && LineMatches(wanted[i], actual[j]) &&
         OutputMatches(wanted, i + 1, actual, j + 1);
}

bool OutputMatches(const std::vector<std::string>& wanted, const std::string& output) {
  std::vector<std::string> actual = absl::StrSplit(absl::StripSuffix(output, "\n"), '\n');
  if (output.empty()) actual.clear();
  return OutputMatches(wanted, 0, actual, 0);
}

TEST(TutorialOutputTest, DotsStandForWhatVaries) {
  EXPECT_TRUE(OutputMatches({}, ""));
  EXPECT_TRUE(OutputMatches({"a", "...", "d"}, "a\nb\nc\nd\n"));
  EXPECT_TRUE(OutputMatches({"a...c"}, "abc\n"));
  EXPECT_FALSE(OutputMatches({"a"}, ""));
  EXPECT_FALSE(OutputMatches({}, "a\n"));
  EXPECT_FALSE(OutputMatches({"...", "d"}, "a\nb\n"));
}

class TutorialTest : public DaemonAndShell {
 protected:
  void RunPage(const std::string& page_path, size_t steps_min) {
    std::ifstream page(FromEnvironment("NEXUS_SOURCE_DIR") + page_path);
    std::vector<Step> steps = ParseSteps(page);
    ASSERT_GT(steps.size(), steps_min);
    for (Step& step : steps) {
      Prepare(step);
      if (absl::EndsWith(step.command, " &")) {
        Begin(std::string(absl::StripSuffix(step.command, " &")));
        continue;
      }
      const Result result = Run(step.command);
      EXPECT_TRUE(OutputMatches(step.output, result.output))
          << "$ " << step.command << "\nwanted:\n"
          << absl::StrJoin(step.output, "\n") << "\nprinted:\n"
          << result.output;
    }
  }
  // What must be another in a test than on the page.
  virtual void Prepare(Step&) {}

 private:
  // A daemon that goes on beside the steps that follow.
  void Begin(const std::string& command) {
    beside_.push_back(Start("exec " + command));
    EXPECT_TRUE(fake::Eventually([&] {
      return absl::StrContains(beside_.back()->Output(), "ready") || !beside_.back()->Running();
    }));
    EXPECT_TRUE(beside_.back()->Running()) << beside_.back()->Output();
  }

  std::vector<std::unique_ptr<harness::ChildProcess>> beside_;
};

TEST_F(TutorialTest, GitHistoryWorksAsWritten) { RunPage("/docs/tutorials/git-history.md", 10); }
TEST_F(TutorialTest, AGovernedDomainWorksAsWritten) {
  RunPage("/docs/tutorials/a-governed-domain.md", 25);
}
TEST_F(TutorialTest, FindEventsWorksAsWritten) { RunPage("/docs/how-to/find-events.md", 15); }
TEST_F(TutorialTest, EvolveASchemaWorksAsWritten) {
  RunPage("/docs/how-to/evolve-a-schema.md", 15);
}

TEST_F(TutorialTest, GateChangesInCiWorksAsWritten) {
  RunPage("/docs/how-to/gate-changes-in-ci.md", 5);
}
TEST_F(TutorialTest, AnswerAnAuditorWorksAsWritten) {
  RunPage("/docs/how-to/answer-an-auditor.md", 20);
}

TEST_F(TutorialTest, TheOrdersExampleWorksAsWritten) { RunPage("/examples/orders/README.md", 10); }
TEST_F(TutorialTest, TheIotExampleWorksAsWritten) { RunPage("/examples/iot/README.md", 10); }

// What the pages install is there already (scripts/install test).
class WorkerPageTest : public TutorialTest {
 protected:
  void Prepare(Step& step) override {
    const std::string tools = FromEnvironment("NEXUS_TOOLS");
    step.command = absl::StrReplaceAll(
        step.command, {{"python3 -m pip install --quiet --target $WORK/python "
                        "-r examples/remote-worker-python/requirements.txt",
                        absl::StrCat("ln -s ", tools, "/", kPython, " $WORK/python")},
                       {"npm install --silent --no-audit --no-fund",
                        absl::StrCat("ln -s ", tools, "/", kNode, "/node_modules node_modules")}});
  }
  void RunWorkerPage(const std::string& page, const char* needs) {
    const std::string folder = absl::StrCat(FromEnvironment("NEXUS_TOOLS"), "/", needs);
    if (!fake::Require(std::filesystem::exists(folder + "/complete"),
                       "no " + folder + ": scripts/install test")) {
      return;
    }
    RunPage(page, 8);
  }

  static constexpr char kPython[] = "python-grpc-1.68.1";
  static constexpr char kNode[] = "grpc-js-1.12.6";
};

TEST_F(WorkerPageTest, TheWorkerInPythonWorksAsWritten) {
  RunWorkerPage("/examples/remote-worker-python/README.md", kPython);
}
TEST_F(WorkerPageTest, TheWorkerInTypeScriptWorksAsWritten) {
  RunWorkerPage("/examples/remote-worker-typescript/README.md", kNode);
}

class SecurePageTest : public TutorialTest {
 protected:
  SecurePageTest() {
    settings_ = {{"NEXUS_SERVER", absl::StrCat("localhost:", grpc_)},
                 {"NEXUS_CA", folder_ / "ca.pem"},
                 {"NEXUS_TOKEN_FILE", folder_ / "own/admin.token"},
                 // The page is tried on machines that do much else.
                 {"NEXUS_POLICY__TIMEOUT_MS", "20000"}};
  }
  // The fixture's own daemon has the ports and the folder of the page.
  void Prepare(Step& step) override {
    step.command = absl::StrReplaceAll(
        step.command, {{"7443", grpc_},
                       {"7444", http_},
                       {"$WORK/data", "$WORK/own"},
                       // Nobody has waited for this child yet, as a reader's shell would have.
                       {"tail --pid=$pid -f /dev/null",
                        "while ps -o stat= -p $pid | grep -qv Z; do sleep 0.1; done"}});
  }

  const std::string grpc_ = absl::StrCat(harness::FreePort());
  const std::string http_ = absl::StrCat(harness::FreePort());
};

TEST_F(SecurePageTest, WorksAsWritten) { RunPage("/docs/how-to/secure-the-server.md", 20); }

TEST_F(TutorialTest, CallWithGrpcurlWorksAsWritten) {
  const Result found = Run("command -v grpcurl");
  if (!fake::Require(found.code == 0, "no grpcurl: scripts/install test")) return;
  RunPage("/docs/how-to/call-with-grpcurl.md", 8);
}

}  // namespace
}  // namespace nexus::cli
