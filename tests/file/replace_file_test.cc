#include "file/replace_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "fake/temp_folder.h"
#include "nexus/core/errors.h"

namespace nexus::file {
namespace {

using ::testing::HasSubstr;

unsigned ModeOf(const std::string& path) {
  struct stat info = {};
  EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 0777;
}

class ReplaceFileTest : public ::testing::Test {
 protected:
  // What is in the folder, by name.
  size_t Names() const {
    size_t names = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      ++names;
    }
    return names;
  }

  const fake::TempFolder folder_;
};

TEST_F(ReplaceFileTest, LeavesTheNewContentAndNothingBeside) {
  const std::string large(3 << 20, 'x');
  ASSERT_TRUE(ReplaceFile(folder_.At("a"), "one", 0600).ok());
  ASSERT_TRUE(ReplaceFile(folder_.At("a"), large, 0600).ok());
  EXPECT_EQ(folder_.Read("a"), large);
  EXPECT_EQ(Names(), 1u);
}

TEST_F(ReplaceFileTest, HasTheModeWhateverTheUmaskAndWhateverWasThere) {
  const mode_t before = umask(0077);
  ASSERT_TRUE(ReplaceFile(folder_.At("a"), "", 0644).ok());
  umask(0);
  ASSERT_TRUE(ReplaceFile(folder_.At("b"), "", 0600).ok());
  umask(before);
  EXPECT_EQ(ModeOf(folder_.At("a")), 0644u);
  EXPECT_EQ(ModeOf(folder_.At("b")), 0600u);
  ASSERT_TRUE(ReplaceFile(folder_.At("a"), "", 0600).ok());
  EXPECT_EQ(ModeOf(folder_.At("a")), 0600u);
}

TEST_F(ReplaceFileTest, TakesAwayWhatACrashHasLeftAndFollowsNoLink) {
  folder_.Write("elsewhere", "untouched");
  ASSERT_EQ(symlink(folder_.At("elsewhere").c_str(), folder_.At("a").c_str()), 0);
  ASSERT_EQ(symlink(folder_.At("elsewhere").c_str(), folder_.At("a.new").c_str()), 0);
  ASSERT_TRUE(ReplaceFile(folder_.At("a"), "new", 0600).ok());
  EXPECT_EQ(folder_.Read("elsewhere"), "untouched");
  EXPECT_FALSE(std::filesystem::is_symlink(folder_.At("a")));
  EXPECT_EQ(folder_.Read("a"), "new");
}

TEST_F(ReplaceFileTest, LeavesNothingBesideWhatItCannotReplace) {
  folder_.Write("full/file", "");
  const absl::Status failed = ReplaceFile(folder_.At("full"), "x", 0600);
  EXPECT_EQ(ReasonOf(failed), ErrorReason::kInternal);
  EXPECT_THAT(std::string(failed.message()), HasSubstr(folder_.At("full")));
  EXPECT_EQ(Names(), 1u);
  EXPECT_FALSE(ReplaceFile("/nowhere/at/all", "x", 0600).ok());
}

TEST_F(ReplaceFileTest, TakesAPathWithoutAFolder) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  const absl::Status written = ReplaceFile("a", "x", 0600);
  std::filesystem::current_path(before);
  EXPECT_TRUE(written.ok()) << written;
  EXPECT_EQ(folder_.Read("a"), "x");
}

}  // namespace
}  // namespace nexus::file
