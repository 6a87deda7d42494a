#pragma once

// A folder of contracts to check, and no server.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/cli_fixture.h"
#include "fake/requirement.h"
#include "policy/opa/opa_program.h"

namespace nexus::cli {

class CheckFixture : public CliFixture {
 protected:
  CheckFixture() { environment_["NEXUS_SERVER"] = "127.0.0.1:1"; }

  // Makes the folders on the way.
  std::string Write(const std::string& name, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(folder_ + "/" + name).parent_path());
    return WriteFile(name, content);
  }
  void Remove(const std::string& name) { std::filesystem::remove_all(folder_ + "/" + name); }
  std::string At(const std::string& name) const { return folder_ + "/" + name; }

  Outcome Check(std::vector<std::string> rest) {
    rest.insert(rest.begin(), "check");
    return Run(rest);
  }

  // The example of the repository, as a copy that a test may break.
  std::string CopyExample(const std::string& name) {
    const char* source = std::getenv("NEXUS_SOURCE_DIR");
    EXPECT_NE(source, nullptr) << "run it by ctest";
    if (source == nullptr) return "";
    std::filesystem::create_directories(std::filesystem::path(At(name)).parent_path());
    std::filesystem::copy(absl::StrCat(source, "/examples/checkout"), At(name),
                          std::filesystem::copy_options::recursive);
    return At(name);
  }
  // Replaces the one place where `text` stands in a file.
  void Edit(const std::string& name, const std::string& text, const std::string& by) {
    std::string content = ReadFile(At(name));
    const size_t at = content.find(text);
    ASSERT_NE(at, std::string::npos) << name << " has no " << text;
    content.replace(at, text.size(), by);
    Write(name, content);
  }

  // False, after the right words, where the program `opa` is missing.
  static bool HasOpa() {
    return fake::Require(policy::FindOpa("").ok(), "opa is missing: scripts/install test");
  }
};

}  // namespace nexus::cli
