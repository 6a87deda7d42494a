#include "config/command_line.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Action = CommandLine::Action;

absl::StatusOr<CommandLine> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "nexusd");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

std::vector<std::string> FlagsOf(const CommandLine& line) {
  std::vector<std::string> flags;
  for (const FlagValue& f : line.flags) flags.push_back(f.flag + " " + f.key + " " + f.text);
  return flags;
}

TEST(CommandLineTest, RunsWithoutFlags) {
  const auto line = Parse({});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->action, Action::kRun);
  EXPECT_THAT(line->flags, IsEmpty());
}

TEST(CommandLineTest, TakesTheShortFlags) {
  const auto line = Parse({"--data", "d", "--grpc", "localhost:0", "--http=localhost:1"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(FlagsOf(*line), ElementsAre("--data data d", "--grpc grpc.address localhost:0",
                                          "--http http.address localhost:1"));
}

TEST(CommandLineTest, SetsAnyOptionAnyNumberOfTimes) {
  const auto line =
      Parse({"--set", "log.level=debug", "--set", "tokens=[{principal: a, token: x=}]"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(FlagsOf(*line),
              ElementsAre("--set log.level debug", "--set tokens [{principal: a, token: x=}]"));
}

TEST(CommandLineTest, LetsANamedFlagWinOverSet) {
  const auto line = Parse({"--data", "named", "--set", "data=set"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(Load(InputOf(*line, {{"NEXUS_CONFIG", "/dev/null"}}))->config.data, "named");
}

TEST(CommandLineTest, TakesAnEmptyValue) {
  const auto line = Parse({"--set", "route.kafka.brokers="});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(FlagsOf(*line), ElementsAre("--set route.kafka.brokers "));
}

TEST(CommandLineTest, TakesSeveralFiles) {
  const auto line = Parse({"--config", "a.yaml", "--config", "b.yaml"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(line->files, ElementsAre("a.yaml", "b.yaml"));
}

TEST(CommandLineTest, KnowsWhatToDoInsteadOfRunning) {
  EXPECT_EQ(Parse({"--check-config"})->action, Action::kCheckConfig);
  EXPECT_EQ(Parse({"--print-config"})->action, Action::kPrintConfig);
  EXPECT_EQ(Parse({"--print-config-reference"})->action, Action::kPrintReference);
  EXPECT_EQ(Parse({"--print-config-template"})->action, Action::kPrintTemplate);
  EXPECT_EQ(Parse({"--version"})->action, Action::kVersion);
  EXPECT_EQ(Parse({"--help"})->action, Action::kHelp);
  EXPECT_THAT(Parse({"--help"})->help, HasSubstr("--check-config"));
}

TEST(CommandLineTest, AnswersInJsonWhenAsked) {
  EXPECT_TRUE(Parse({"--check-config", "-o", "json"})->json);
  EXPECT_FALSE(Parse({"--check-config", "-o", "text"})->json);
}

TEST(CommandLineTest, RefusesWhatItDoesNotKnow) {
  for (const std::vector<const char*>& bad :
       std::vector<std::vector<const char*>>{{"--dat", "d"},
                                             {"--data"},
                                             {"stray"},
                                             {"-o", "yaml"},
                                             {"--set", "novalue"},
                                             {"--set", "=v"},
                                             {"--check-config", "--print-config"},
                                             {"--set"}}) {
    const auto line = Parse(bad);
    ASSERT_FALSE(line.ok()) << bad[0];
    EXPECT_EQ(ReasonOf(line.status()), ErrorReason::kConfigurationInvalid);
  }
}

TEST(CommandLineTest, ReadsTheFilesThatTheEnvironmentNames) {
  const LoadInput input = InputOf(CommandLine(), {{"NEXUS_CONFIG", "a.yaml:b.yaml"}});
  EXPECT_THAT(input.files, ElementsAre("a.yaml", "b.yaml"));
}

TEST(CommandLineTest, LetsTheFlagForFilesWinOverTheEnvironment) {
  CommandLine line;
  line.files = {"mine.yaml"};
  EXPECT_THAT(InputOf(line, {{"NEXUS_CONFIG", "a.yaml"}}).files, ElementsAre("mine.yaml"));
}

TEST(CommandLineTest, SaysAloudThatPlaintextMayLeaveTheMachine) {
  const char* argv[] = {"nexusd", "--allow-plaintext-network"};
  const auto line = ParseCommandLine(2, argv);
  ASSERT_TRUE(line.ok()) << line.status();
  ASSERT_EQ(line->flags.size(), 1u);
  EXPECT_EQ(line->flags[0].key, "tls.allow_plaintext_network");
  EXPECT_EQ(line->flags[0].text, "true");
}

}  // namespace
}  // namespace nexus::config
