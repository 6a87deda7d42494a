#pragma once

// The real nexusd, and a shell in which nexusctl finds it.

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "fake/requirement.h"
#include "gtest/gtest.h"
#include "harness/nexusd/child_process.h"
#include "harness/nexusd/nexusd_process.h"
#include "harness/nexusd/temporary_folder.h"

namespace nexus::cli {

class DaemonAndShell : public ::testing::Test {
 protected:
  struct Result {
    int code = -1;  // -1: killed by a signal, or still running
    std::string output;
  };

  void SetUp() override {
    if (!fake::Require(std::filesystem::exists(harness::DefaultNexusd()),
                       "nexusd is not built: cmake --build build --target nexusd")) {
      return;
    }
    harness::NexusdOptions options;
    options.data_folder = folder_ / "data";
    auto started = harness::NexusdProcess::Start(options);
    ASSERT_TRUE(started.ok()) << started.status();
    daemon_ = *std::move(started);
  }

  static std::string FromEnvironment(const char* name) {
    const char* value = getenv(name);
    return value == nullptr ? "" : value;
  }

  std::unique_ptr<harness::ChildProcess> Start(const std::string& command) {
    harness::ChildOptions options;
    options.command = {"/bin/bash", "-o", "pipefail", "-c", command};
    options.working_folder = FromEnvironment("NEXUS_SOURCE_DIR");
    options.environment = {
        {"PATH", absl::StrCat(FromEnvironment("NEXUS_BIN_DIR"), ":", FromEnvironment("PATH"))},
        {"NEXUS_SERVER", daemon_->endpoints().grpc},
        {"XDG_CONFIG_HOME", folder_.path()},
        {"WORK", folder_.path()}};
    options.environment.insert(options.environment.end(), settings_.begin(), settings_.end());
    auto child = harness::ChildProcess::Start(options);
    EXPECT_TRUE(child.ok()) << child.status();
    return *std::move(child);
  }

  // Standard output and error together.
  Result Run(const std::string& command) {
    const auto child = Start(command);
    const auto exit = child->WaitForExit(absl::Seconds(100));
    Result result;
    if (exit.ok()) result.code = exit->code.value_or(-1);
    result.output = child->Output();
    return result;
  }

  harness::TemporaryFolder folder_;
  std::vector<std::pair<std::string, std::string>> settings_;  // of the shell, and they win
  std::unique_ptr<harness::NexusdProcess> daemon_;
};

}  // namespace nexus::cli
