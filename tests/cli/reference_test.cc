// The reference page is true: it names every command and option, and the exit codes.

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "cli/cli_fixture.h"
#include "cli/exit_code.h"
#include "fake/source_folder.h"
#include "gmock/gmock.h"

namespace nexus::cli {
namespace {

using ::testing::HasSubstr;

class ReferenceTest : public CliFixture {
 protected:
  void SetUp() override {
    const char* source = fake::SourceFolder();
    if (source == nullptr) return;
    page_ = ReadFile(absl::StrCat(source, "/docs/reference/nexusctl.md"));
    ASSERT_FALSE(page_.empty());
  }
  std::string page_;
};

TEST_F(ReferenceTest, NamesEveryCommand) {
  std::istringstream commands(Run({"__complete", ""}).out);
  for (std::string command; std::getline(commands, command);) {
    EXPECT_THAT(page_, HasSubstr(absl::StrCat("`", command)));
  }
}

TEST_F(ReferenceTest, NamesEveryOptionOfTheLongerCommands) {
  for (const char* command : {"append", "read", "tail", "import"}) {
    std::istringstream options(Run({"__complete", command, "--"}).out);
    for (std::string option; std::getline(options, option);) {
      if (option == "--help") continue;
      EXPECT_THAT(page_, HasSubstr(option)) << command;
    }
  }
}

TEST_F(ReferenceTest, NamesEveryCommandAndOptionOfSchemas) {
  std::istringstream commands(Run({"__complete", "schema", ""}).out);
  for (std::string command; std::getline(commands, command);) {
    EXPECT_THAT(page_, HasSubstr(absl::StrCat("`schema ", command)));
    std::istringstream options(Run({"__complete", "schema", command, "--"}).out);
    for (std::string option; std::getline(options, option);) {
      if (option == "--help") continue;
      EXPECT_THAT(page_, HasSubstr(option)) << command;
    }
  }
}

TEST_F(ReferenceTest, NamesEveryExitCode) {
  for (const ExitCode code : {ExitCode::kOk, ExitCode::kFailure, ExitCode::kUsage,
                              ExitCode::kNotFound, ExitCode::kConflict, ExitCode::kViolation,
                              ExitCode::kAuthentication, ExitCode::kUnavailable, ExitCode::kPartial,
                              ExitCode::kDamaged, ExitCode::kFindings, ExitCode::kInterrupted}) {
    EXPECT_THAT(page_, HasSubstr(absl::StrCat("\n| ", static_cast<int>(code), " | ")));
  }
}

}  // namespace
}  // namespace nexus::cli
