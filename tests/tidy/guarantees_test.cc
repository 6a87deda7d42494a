// docs/guarantees.md names a test for each promise, docs/evidence/bad-input.md for each bad input:
// each must exist.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "re2/re2.h"

namespace nexus::tidy {
namespace {

namespace fs = std::filesystem;

std::string TextOf(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// "Suite.Name" of each match of `pattern`, which captures both.
std::set<std::string> Names(const std::string& text, const re2::RE2& pattern) {
  std::set<std::string> names;
  re2::StringPiece rest(text);
  for (std::string suite, name; re2::RE2::FindAndConsume(&rest, pattern, &suite, &name);) {
    names.insert(suite + "." + name);
  }
  return names;
}

class PageThatNamesTests : public ::testing::TestWithParam<const char*> {};

TEST_P(PageThatNamesTests, NamesThoseThatExist) {
  const fs::path root = getenv("NEXUS_SOURCE_DIR");
  std::set<std::string> tests;
  for (const auto& entry : fs::recursive_directory_iterator(root / "tests")) {
    if (entry.path().extension() != ".cc") continue;
    tests.merge(Names(TextOf(entry.path()), R"(TEST(?:_F|_P)?\((\w+),\s*(\w+)\))"));
  }
  const std::set<std::string> named =
      Names(TextOf(root / GetParam()), "`([A-Z]\\w+)\\.([A-Z]\\w+)`");
  EXPECT_GT(named.size(), 30u);
  for (const std::string& name : named) EXPECT_TRUE(tests.count(name) == 1) << name;
}

INSTANTIATE_TEST_SUITE_P(Docs, PageThatNamesTests,
                         ::testing::Values("docs/guarantees.md", "docs/evidence/bad-input.md"),
                         [](const auto& page) {
                           const fs::path path = page.param;
                           std::string name = path.stem().string();
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace nexus::tidy
