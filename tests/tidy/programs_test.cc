// Checks that other programs do better: buf for protos, clang-format for layout, bash for scripts.

#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "fake/requirement.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/nexusd/child_process.h"
#include "tidy/source_tree.h"

namespace nexus::tidy {
namespace {

struct Outcome {
  bool succeeded = false;
  std::string output;
};

Outcome RunProgram(const std::vector<std::string>& command, const std::string& folder) {
  const auto child = harness::ChildProcess::Start({command, {}, folder});
  if (!child.ok()) return {false, std::string(child.status().message())};
  const auto exit = (*child)->WaitForExit(absl::Minutes(2));
  return {exit.ok() && exit->Succeeded(), (*child)->Output()};
}

std::string Buf() {
  const char* tools = getenv("NEXUS_TOOLS");
  return absl::StrCat(tools == nullptr ? "" : tools, "/buf-1.75.0/node_modules/.bin/buf");
}

bool IsThere(const std::string& program) {
  return fake::Require(access(program.c_str(), X_OK) == 0,
                       absl::StrCat("no ", program, ": scripts/install test"));
}

class Programs : public testing::Test {
 protected:
  const std::string root_ = SourceRoot();
};

TEST_F(Programs, BufFindsNoFaultInTheContract) {
  if (!IsThere(Buf())) return;
  const Outcome outcome = RunProgram({Buf(), "lint"}, root_ + "/proto");
  EXPECT_TRUE(outcome.succeeded) << outcome.output;
}

TEST_F(Programs, ClangFormatWouldChangeNothing) {
  const std::string program = "/usr/bin/clang-format-14";
  if (!IsThere(program)) return;
  std::vector<std::string> command = {program, "--dry-run", "-Werror"};
  for (const SourceFile& file : ReadSourceTree(root_)) {
    if (file.IsCpp()) command.push_back(file.path);
  }
  const Outcome outcome = RunProgram(command, root_);
  EXPECT_TRUE(outcome.succeeded) << outcome.output.substr(0, 4000);
}

TEST_F(Programs, BashParsesEveryScript) {
  for (const SourceFile& file : ReadSourceTree(root_)) {
    if (!absl::StartsWith(file.text, "#!/usr/bin/env bash\n")) continue;
    const Outcome outcome = RunProgram({"/bin/bash", "-n", file.path}, root_);
    EXPECT_TRUE(outcome.succeeded) << outcome.output;
    EXPECT_TRUE(absl::StrContains(file.text, "\nset -euo pipefail\n")) << file.path;
    EXPECT_EQ(access(absl::StrCat(root_, "/", file.path).c_str(), X_OK), 0) << file.path;
  }
}

}  // namespace
}  // namespace nexus::tidy
