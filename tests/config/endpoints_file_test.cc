#include "config/endpoints_file.h"

#include <sys/stat.h>

#include <filesystem>

#include "fake/temp_folder.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::config {
namespace {

const Endpoints kSome = {"127.0.0.1:41234", "[::1]:41235", 4711};

class EndpointsFileTest : public ::testing::Test {
 protected:
  bool Exists() const { return std::filesystem::exists(folder_.At("endpoints.json")); }

  fake::TempFolder folder_;
};

TEST_F(EndpointsFileTest, TellsTheAddressesAndTheProcess) {
  EndpointsFile file(folder_.path());
  ASSERT_TRUE(file.Publish(kSome).ok());
  EXPECT_EQ(folder_.Read("endpoints.json"),
            "{\"grpc\":\"127.0.0.1:41234\",\"http\":\"[::1]:41235\",\"pid\":4711}\n");
}

TEST_F(EndpointsFileTest, IsReadableByAllWhateverTheUmask) {
  const mode_t before = umask(0077);
  EndpointsFile file(folder_.path());
  const absl::Status published = file.Publish(kSome);
  umask(before);
  ASSERT_TRUE(published.ok()) << published;
  struct stat info {};
  ASSERT_EQ(stat(file.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0644u);
}

TEST_F(EndpointsFileTest, ReplacesWhatACrashLeft) {
  folder_.Write("endpoints.json", "old");
  folder_.Write("endpoints.json.new", "half");
  EndpointsFile file(folder_.path());
  ASSERT_TRUE(file.Publish(kSome).ok());
  EXPECT_EQ(folder_.Read("endpoints.json")[0], '{');
  EXPECT_FALSE(std::filesystem::exists(folder_.At("endpoints.json.new")));
}

TEST_F(EndpointsFileTest, GoesAtACleanStop) {
  {
    EndpointsFile file(folder_.path());
    ASSERT_TRUE(file.Publish(kSome).ok());
    EXPECT_TRUE(Exists());
  }
  EXPECT_FALSE(Exists());
}

TEST_F(EndpointsFileTest, LeavesAloneWhatItDidNotPublish) {
  folder_.Write("endpoints.json", "another's");
  { EndpointsFile file(folder_.path()); }
  EXPECT_TRUE(Exists());
}

TEST_F(EndpointsFileTest, SaysWhyItCannotWrite) {
  EndpointsFile file(folder_.At("absent"));
  const absl::Status status = file.Publish(kSome);
  EXPECT_EQ(ReasonOf(status), ErrorReason::kInternal);
  EXPECT_NE(status.message().find("No such file"), absl::string_view::npos);
}

TEST_F(EndpointsFileTest, LeavesNoRestWhenItCannotReplace) {
  std::filesystem::create_directories(folder_.At("endpoints.json/in-the-way"));
  EndpointsFile file(folder_.path());
  EXPECT_FALSE(file.Publish(kSome).ok());
  EXPECT_FALSE(std::filesystem::exists(folder_.At("endpoints.json.new")));
}

}  // namespace
}  // namespace nexus::config
