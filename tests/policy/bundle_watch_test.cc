#include "policy/wasm/bundle_watch.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/asking.h"
#include "policy/compiled_policies.h"
#include "policy/embedded.h"
#include "policy/real_opa.h"
#include "policy/temporary_folder.h"

namespace nexus::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class BundleWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    RequireOpa();
    if (IsSkipped()) return;
    one_ = *CompileArchive(DenyIf("input.n == 1"));
    two_ = *CompileArchive(DenyIf("input.n == 2"));
    Put(one_);
    ASSERT_TRUE(embedded_.Start(*LoadWasmBundle(path_)).ok());
  }
  BundleWatchOptions Options(absl::Duration interval) {
    BundleWatchOptions options;
    options.path = path_;
    options.interval = interval;
    options.load = [this] { return LoadWasmBundle(path_); };
    options.on_event = [this](absl::string_view event) { events_.emplace_back(event); };
    return options;
  }
  // Each time a second later than the last: file systems do not count finely.
  void Put(const std::string& archive) {
    folder_.Write("bundle.tar.gz", archive);
    std::filesystem::last_write_time(path_, begun_ + std::chrono::seconds(++writes_));
  }
  bool Denies(int n) {
    const auto answer = Ask(embedded_.decider(), "{\"n\":" + std::to_string(n) + "}");
    return answer.ok() && !answer->allow;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.Sub("bundle.tar.gz");
  const std::filesystem::file_time_type begun_ = std::filesystem::file_time_type::clock::now();
  int writes_ = 0;
  std::string one_, two_;
  std::vector<std::string> events_;
  Embedded embedded_;
};

TEST_F(BundleWatchTest, TakesANewBundleOnceItLooksTheSameTwice) {
  BundleWatch watch(Options(absl::ZeroDuration()), embedded_.decider());
  EXPECT_FALSE(watch.Look());
  Put(two_);
  EXPECT_FALSE(watch.Look());
  EXPECT_TRUE(Denies(1));
  EXPECT_TRUE(watch.Look());
  EXPECT_TRUE(Denies(2));
  EXPECT_FALSE(Denies(1));
  EXPECT_FALSE(watch.Look());
  EXPECT_THAT(events_, ElementsAre(HasSubstr("policies replaced")));
}

TEST_F(BundleWatchTest, WaitsWhileTheFilesChange) {
  BundleWatch watch(Options(absl::ZeroDuration()), embedded_.decider());
  for (int i = 0; i < 5; ++i) {
    Put(two_.substr(0, 100 + static_cast<size_t>(i)));
    EXPECT_FALSE(watch.Look());
  }
  EXPECT_TRUE(events_.empty());
}

TEST_F(BundleWatchTest, RefusesABadBundleOnceAndKeepsTheOldOne) {
  BundleWatch watch(Options(absl::ZeroDuration()), embedded_.decider());
  Put(two_.substr(0, two_.size() / 2));
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(watch.Look());
  EXPECT_TRUE(Denies(1));
  EXPECT_THAT(events_, ElementsAre(HasSubstr("new policies refused")));
  std::filesystem::remove(path_);
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(watch.Look());
  EXPECT_TRUE(Denies(1));
  Put(two_);
  watch.Look();
  EXPECT_TRUE(watch.Look());
  EXPECT_TRUE(Denies(2));
}

TEST_F(BundleWatchTest, SaysNothingWhenTheContentIsTheSame) {
  BundleWatch watch(Options(absl::ZeroDuration()), embedded_.decider());
  Put(one_);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(watch.Look());
  EXPECT_TRUE(events_.empty());
}

TEST_F(BundleWatchTest, LooksByItself) {
  BundleWatch watch(Options(absl::Milliseconds(5)), embedded_.decider());
  Put(two_);
  EXPECT_TRUE(fake::Eventually([this] { return Denies(2); }));
}

}  // namespace
}  // namespace nexus::policy
