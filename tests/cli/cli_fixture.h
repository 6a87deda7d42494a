#pragma once

// Runs nexusctl in memory.

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "cli/nexusctl.h"
#include "client/fake_nexusd.h"
#include "fake/manual_clock.h"
#include "fake/sequential_ids.h"
#include "gtest/gtest.h"
#include "nexus/core/clock.h"

namespace nexus::cli {

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

class CliFixture : public ::testing::Test {
 protected:
  CliFixture() {
    std::string pattern = ::testing::TempDir() + "nexusctl-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    environment_["XDG_CONFIG_HOME"] = folder_;
    environment_["NEXUS_SERVER"] = server_.address();
  }
  ~CliFixture() override { std::filesystem::remove_all(folder_); }

  Outcome Run(const std::vector<std::string>& arguments, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    Surroundings surroundings{in,
                              out,
                              err,
                              terminal_,
                              terminal_,
                              [this](const std::string& name) {
                                const auto found = environment_.find(name);
                                return found == environment_.end() ? std::string() : found->second;
                              },
                              *clock_in_use_,
                              ids_,
                              stop_};
    const int code = RunNexusctl(arguments, surroundings);
    return {code, out.str(), err.str()};
  }

  std::string WriteFile(const std::string& name, const std::string& content) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  static std::string ReadFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream content;
    content << file.rdbuf();
    return content.str();
  }

  testing::FakeNexusd server_;
  std::map<std::string, std::string> environment_;
  std::string folder_;
  bool terminal_ = false;
  fake::ManualClock clock_;
  Clock* clock_in_use_ = &clock_;
  fake::SequentialIds ids_;
  StopSignal stop_;
};

}  // namespace nexus::cli
