#include "config/config_command.h"

#include <sstream>
#include <string>

#include "fake/temp_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::config {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Action = CommandLine::Action;

class ConfigCommandTest : public ::testing::Test {
 protected:
  // Never the files of the machine that runs the test.
  std::optional<int> Run(CommandLine line, Environment environment = {}) {
    if (line.files.empty()) line.files = {folder_.path()};
    return RunConfigCommand(line, environment, "1.2.3", out_, err_);
  }

  fake::TempFolder folder_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ConfigCommandTest, LetsTheDaemonRun) {
  EXPECT_EQ(Run({.action = Action::kRun}), std::nullopt);
}

TEST_F(ConfigCommandTest, SaysThatAConfigurationIsValid) {
  EXPECT_EQ(Run({.action = Action::kCheckConfig}), 0);
  EXPECT_EQ(out_.str(), "the configuration is valid\n");
}

TEST_F(ConfigCommandTest, SaysWhatIsWrong) {
  const std::string file = folder_.Write("bad.yaml", "dat: 1\n");
  EXPECT_EQ(Run({.action = Action::kCheckConfig, .files = {file}}), 2);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("bad.yaml:1: dat: unknown key; did you mean data?\n"));
}

TEST_F(ConfigCommandTest, SaysWhatIsWrongAsJson) {
  const std::string file = folder_.Write("bad.yaml", "dat: 1\n");
  EXPECT_EQ(Run({.action = Action::kCheckConfig, .json = true, .files = {file}}), 2);
  EXPECT_THAT(out_.str(), StartsWith("{\"valid\": false"));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(ConfigCommandTest, PrintsTheConfiguration) {
  EXPECT_EQ(Run({.action = Action::kPrintConfig}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("data: \"./data\""));
}

TEST_F(ConfigCommandTest, PrintsTheConfigurationAsJson) {
  EXPECT_EQ(Run({.action = Action::kPrintConfig, .json = true}), 0);
  EXPECT_THAT(out_.str(), StartsWith("{\"options\": ["));
}

TEST_F(ConfigCommandTest, PrintsNoConfigurationThatIsInvalid) {
  EXPECT_EQ(Run({.action = Action::kPrintConfig}, {{"NEXUS_LOG__LEVEL", "loud"}}), 2);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(ConfigCommandTest, TellsNotesBesideTheData) {
  EXPECT_EQ(Run({.action = Action::kPrintConfig}, {{"NEXUS_DTAA", "d"}}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("note: NEXUS_DTAA"));
}

TEST_F(ConfigCommandTest, PrintsWhatTheTableKnows) {
  EXPECT_EQ(Run({.action = Action::kPrintReference}), 0);
  EXPECT_THAT(out_.str(), StartsWith("# Configuration\n"));
  EXPECT_EQ(Run({.action = Action::kPrintTemplate}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\ndata: \"./data\"\n"));
}

TEST_F(ConfigCommandTest, PrintsVersionAndHelp) {
  EXPECT_EQ(Run({.action = Action::kVersion}), 0);
  EXPECT_EQ(out_.str(), "nexusd 1.2.3\n");
  EXPECT_EQ(Run({.action = Action::kHelp, .help = "usage\n"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("usage\n"));
}

}  // namespace
}  // namespace nexus::config
