#include "file/settled_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "fake/temp_folder.h"

namespace nexus::file {
namespace {

TEST(SettledFiles, AreReadOnceWhenTwoLooksHaveSeenTheSame) {
  SettledFiles files;
  files.Begin("a");
  EXPECT_FALSE(files.Changed("a"));
  EXPECT_FALSE(files.Changed("b")) << "it may be half of it";
  EXPECT_FALSE(files.Changed("c"));
  EXPECT_TRUE(files.Changed("c"));
  EXPECT_FALSE(files.Changed("c")) << "once";
  EXPECT_FALSE(files.Changed("a"));
  EXPECT_TRUE(files.Changed("a")) << "what was there before is a change, too";
}

TEST(SettledFiles, AreNotReadAgainIfTheyAreAsTheyWere) {
  SettledFiles files;
  files.Begin("a");
  EXPECT_FALSE(files.Changed("b"));
  EXPECT_FALSE(files.Changed("a"));
  EXPECT_FALSE(files.Changed("a"));
}

TEST(TraitsOf, ChangeWithTheFileAndWithTheLinkThatLeadsToIt) {
  const fake::TempFolder folder;
  const std::string absent = TraitsOf(folder.At("one/file"));
  folder.Write("one/file", "x");
  folder.Write("two/file", "x");
  const std::string before = TraitsOf(folder.At("one/file"));
  EXPECT_NE(before, absent);
  EXPECT_EQ(before, TraitsOf(folder.At("one/file")));
  folder.Write("one/file", "xy");
  EXPECT_NE(before, TraitsOf(folder.At("one/file")));
  std::filesystem::create_symlink("one", folder.At("now"));
  const std::string one = TraitsOf(folder.At("now/file"));
  std::filesystem::remove(folder.At("now"));
  std::filesystem::create_symlink("two", folder.At("now"));
  EXPECT_NE(one, TraitsOf(folder.At("now/file")));
}

}  // namespace
}  // namespace nexus::file
