// The commands that scripts/run prints, each as printed, against the real daemon.

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

class QuickstartTest : public DaemonFixture {
 protected:
  static std::string Variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  }

  // The lines between "print_commands() {" and its end that begin with "  $ ".
  static std::vector<std::string> PrintedCommands(const std::string& script) {
    std::vector<std::string> commands;
    std::ifstream in(script);
    std::string line;
    while (std::getline(in, line) && line != "COMMANDS") {
      absl::string_view command = line;
      if (absl::ConsumePrefix(&command, "  $ ")) commands.emplace_back(command);
    }
    return commands;
  }

  harness::ExitStatus Run(const std::string& script, std::string* output) {
    auto child = harness::ChildProcess::Start(
        {{"/bin/bash", "-c", script}, {}, Variable("NEXUS_SOURCE_DIR")});
    EXPECT_TRUE(child.ok()) << child.status();
    const auto exit = (*child)->WaitForExit(absl::Minutes(1));
    EXPECT_TRUE(exit.ok()) << exit.status();
    *output = (*child)->Output();
    return *exit;
  }
};

TEST_F(QuickstartTest, EachPrintedCommandDoesWhatItSays) {
  StartDaemon();
  const std::string root = Variable("NEXUS_SOURCE_DIR");
  const std::vector<std::string> commands = PrintedCommands(root + "/scripts/run");
  ASSERT_GE(commands.size(), 8u);
  // What one command exports, and where it goes, holds for the next, as in a terminal.
  std::string environment = "true";
  int refused = 0;
  for (const std::string& printed : commands) {
    const std::string command =
        absl::StrReplaceAll(printed, {{"$1", daemon_->endpoints().grpc},
                                      {"$2", daemon_->endpoints().http},
                                      {"$3", folder_ / "data"},
                                      {"\\$PWD/build/bin", Variable("NEXUS_BIN_DIR")},
                                      {"\\$", "$"}});
    if (absl::StartsWith(command, "export ") || absl::StartsWith(command, "cd ")) {
      environment += "; " + command;
      continue;
    }
    const bool shall_fail = absl::EndsWith(printed, "# refused");
    refused += shall_fail;
    std::string output;
    // The router needs a moment; a person does too.
    const std::string patient = absl::StartsWith(command, "cat ")
                                    ? absl::StrCat("until grep -q specversion ", command.substr(4),
                                                   "; do sleep 0.05; done; ", command)
                                    : command;
    const harness::ExitStatus exit = Run(environment + "; " + patient, &output);
    EXPECT_EQ(exit.code, shall_fail ? 5 : 0) << command << "\n" << output;
  }
  EXPECT_EQ(refused, 2);
}

}  // namespace
}  // namespace nexus::integration
