#include "tls/certificate_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/manual_executor.h"
#include "fake/recording_metrics.h"
#include "fake/temp_folder.h"
#include "nexus/core/system_clock.h"
#include "tls/certificate_maker.h"

namespace nexus::tls {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CertificateWatchTest : public ::testing::Test {
 protected:
  CertificateWatchTest() { Put(first_); }

  void Put(const fake::Certificate& one) {
    folder_.Write("cert.pem", one.certificate);
    folder_.Write("key.pem", one.key);
  }
  void Start() {
    CertificateWatchOptions options;
    options.files = {folder_.At("cert.pem"), folder_.At("key.pem"), ""};
    options.use = [this](const ServerCertificate& one) {
      in_use_ = one.chain;
      return absl::OkStatus();
    };
    options.on_change = [this](bool used, absl::string_view what) {
      told_.push_back(absl::StrCat(used ? "used " : "refused ", what));
    };
    watch_ = std::make_unique<CertificateWatch>(std::move(options), executor_, clock_, metrics_);
    ASSERT_TRUE(watch_->Start().ok());
  }
  void LookTwice() {
    executor_.Advance(absl::Seconds(1));
    executor_.Advance(absl::Seconds(1));
  }
  double Count(const std::string& result) {
    return metrics_.Value(absl::StrCat("nexus_tls_reloads_total{result=", result, "}"));
  }

  const fake::TempFolder folder_;
  const fake::CertificateMaker maker_;
  const fake::Certificate first_ = maker_.Server();
  // Of another length, so that no clock's resolution hides the change.
  const fake::Certificate second_ = maker_.Make({"another name of it", {"DNS:localhost"}});
  const SystemClock clock_;
  fake::ManualExecutor executor_;
  fake::RecordingMetrics metrics_;
  std::string in_use_;
  std::vector<std::string> told_;
  std::unique_ptr<CertificateWatch> watch_;
};

TEST_F(CertificateWatchTest, UsesANewOne) {
  Start();
  EXPECT_EQ(in_use_, first_.certificate);
  LookTwice();
  EXPECT_THAT(told_, IsEmpty());
  Put(second_);
  LookTwice();
  EXPECT_EQ(in_use_, second_.certificate);
  EXPECT_THAT(told_, ElementsAre(HasSubstr("used ")));
  EXPECT_EQ(Count("used"), 1);
  EXPECT_GT(metrics_.Value("nexus_tls_certificate_expiry_timestamp_seconds"), 1e9);
}

TEST_F(CertificateWatchTest, KeepsTheOldOneWhereTheNewOneIsBad) {
  Start();
  folder_.Write("cert.pem", second_.certificate);  // and not its key
  LookTwice();
  LookTwice();
  EXPECT_EQ(in_use_, first_.certificate);
  EXPECT_THAT(told_, ElementsAre(HasSubstr("is not the key of")));
  EXPECT_EQ(Count("refused"), 1) << "told once, not at every look";
  folder_.Write("key.pem", second_.key);
  LookTwice();
  EXPECT_EQ(in_use_, second_.certificate);
}

TEST_F(CertificateWatchTest, WaitsUntilTheFilesAreAtRest) {
  Start();
  folder_.Write("cert.pem", second_.certificate);
  executor_.Advance(absl::Seconds(1));
  folder_.Write("key.pem", second_.key + "\n");
  LookTwice();
  EXPECT_THAT(told_, ElementsAre(HasSubstr("used ")));
}

TEST_F(CertificateWatchTest, DoesNotStartWithABadOne) {
  folder_.Write("key.pem", second_.key);
  CertificateWatchOptions options;
  options.files = {folder_.At("cert.pem"), folder_.At("key.pem"), ""};
  options.use = [](const ServerCertificate&) { return absl::OkStatus(); };
  CertificateWatch watch(std::move(options), executor_, clock_, metrics_);
  EXPECT_FALSE(watch.Start().ok());
}

}  // namespace
}  // namespace nexus::tls
