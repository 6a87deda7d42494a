#include <vector>

#include "config/command_line.h"
#include "gtest/gtest.h"

namespace nexus::config {
namespace {

using Action = CommandLine::Action;

absl::StatusOr<CommandLine> ParseArguments(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "nexusd");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

TEST(OfflineCommandTest, TakesFlagsBeforeAndBehindTheCommand) {
  for (const auto& arguments : std::vector<std::vector<const char*>>{{"verify", "--data", "d"},
                                                                     {"--data", "d", "verify"}}) {
    const auto line = ParseArguments(arguments);
    ASSERT_TRUE(line.ok()) << line.status();
    EXPECT_EQ(line->action, Action::kVerify);
    ASSERT_EQ(line->flags.size(), 1u);
    EXPECT_EQ(line->flags[0].text, "d");
  }
}

TEST(OfflineCommandTest, FreesTheBallastOnlyWhenTold) {
  EXPECT_FALSE(ParseArguments({"doctor"})->free_ballast);
  const auto line = ParseArguments({"doctor", "--free-ballast", "--data", "d"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->action, Action::kDoctor);
  EXPECT_TRUE(line->free_ballast);
}

TEST(OfflineCommandTest, AcceptsALossAtAPosition) {
  EXPECT_EQ(ParseArguments({})->accept_data_loss, std::nullopt);
  EXPECT_EQ(ParseArguments({"--accept-data-loss=0"})->accept_data_loss, 0u);
  EXPECT_EQ(ParseArguments({"--accept-data-loss", "17"})->accept_data_loss, 17u);
  for (const char* bad : {"--accept-data-loss=", "--accept-data-loss=-1", "--accept-data-loss=x"}) {
    EXPECT_FALSE(ParseArguments({bad}).ok()) << bad;
  }
}

TEST(OfflineCommandTest, RecoversTheAdministrator) {
  const auto line = ParseArguments({"recover-admin", "--data", "d"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->action, Action::kRecoverAdmin);
}

TEST(OfflineCommandTest, RefusesTwoCommands) {
  EXPECT_FALSE(ParseArguments({"verify", "doctor"}).ok());
}

}  // namespace
}  // namespace nexus::config
