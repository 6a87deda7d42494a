// Replays a fuzz target's inputs: the corpus, and what once made it fail. Each input is a case.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "fuzz/fuzz_input.h"

namespace nexus::fuzz {
namespace {

std::vector<std::string> InputsIn(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;  // a target that never failed has no regressions
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string NameOf(const ::testing::TestParamInfo<std::string>& input) {
  std::string name = std::filesystem::path(input.param).stem().string();
  for (char& c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

class Input : public ::testing::TestWithParam<std::string> {};

// A property that does not hold ends the program.
TEST_P(Input, KeepsEveryProperty) {
  std::ifstream file(GetParam(), std::ios::binary);
  ASSERT_TRUE(file) << GetParam();
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()),
            0);
}

INSTANTIATE_TEST_SUITE_P(Corpus, Input, ::testing::ValuesIn(InputsIn(CORPUS_FOLDER)), NameOf);
INSTANTIATE_TEST_SUITE_P(Regressions, Input, ::testing::ValuesIn(InputsIn(REGRESSIONS_FOLDER)),
                         NameOf);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Input);

TEST(Corpus, IsThere) { EXPECT_GE(InputsIn(CORPUS_FOLDER).size(), 5u); }

}  // namespace
}  // namespace nexus::fuzz
