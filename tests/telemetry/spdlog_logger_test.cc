#include "telemetry/spdlog_logger.h"

#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_split.h"
#include "fake/manual_clock.h"
#include "fake/recording_metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::telemetry {
namespace {

class SpdlogLoggerTest : public ::testing::Test {
 protected:
  std::vector<std::string> Lines() const {
    return absl::StrSplit(out_.str(), '\n', absl::SkipEmpty());
  }

  fake::ManualClock clock_{Timestamp{0}};
  fake::RecordingMetrics metrics_;
  std::ostringstream out_;
};

TEST_F(SpdlogLoggerTest, WritesALineWithTheInjectedTime) {
  SpdlogLogger logger(Level::kInfo, clock_, metrics_, out_);
  logger.Log(Level::kInfo, "ready", {{"ms", 84}});
  EXPECT_EQ(out_.str(),
            "{\"time\":\"1970-01-01T00:00:00.000000Z\",\"level\":\"info\",\"message\":\"ready\","
            "\"ms\":84}\n");
}

TEST_F(SpdlogLoggerTest, LeavesOutWhatIsBelowItsLevel) {
  SpdlogLogger logger(Level::kWarning, clock_, metrics_, out_);
  logger.Log(Level::kDebug, "a");
  logger.Log(Level::kInfo, "b");
  logger.Log(Level::kWarning, "c");
  logger.Log(Level::kError, "d");
  EXPECT_EQ(Lines().size(), 2u);
  EXPECT_FALSE(logger.Enabled(Level::kInfo));
  EXPECT_TRUE(logger.Enabled(Level::kError));
}

TEST_F(SpdlogLoggerTest, CountsLinesByLevel) {
  SpdlogLogger logger(Level::kInfo, clock_, metrics_, out_);
  logger.Log(Level::kDebug, "a");
  logger.Log(Level::kWarning, "b");
  logger.Log(Level::kWarning, "c");
  EXPECT_EQ(metrics_.Value("nexus_log_lines_total{level=debug}"), 0);
  EXPECT_EQ(metrics_.Value("nexus_log_lines_total{level=warning}"), 2);
}

TEST_F(SpdlogLoggerTest, TakesBracesAndPercentsAsText) {
  SpdlogLogger logger(Level::kInfo, clock_, metrics_, out_);
  logger.Log(Level::kInfo, "{} {0} %v %s");
  EXPECT_THAT(out_.str(), ::testing::HasSubstr("{} {0} %v %s"));
}

TEST_F(SpdlogLoggerTest, KeepsLinesWholeWhenManyThreadsWrite) {
  SpdlogLogger logger(Level::kInfo, clock_, metrics_, out_);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&logger, t] {
      for (int i = 0; i < 200; ++i) logger.Log(Level::kInfo, "m", {{"n", t * 1'000 + i}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<std::string> lines = Lines();
  EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), 1'600u);
  for (const std::string& line : lines) {
    ASSERT_EQ(line.front(), '{');
    ASSERT_EQ(line.back(), '}');
  }
}

TEST_F(SpdlogLoggerTest, WritesToTheErrorStreamByDefault) {
  ::testing::internal::CaptureStderr();
  SpdlogLogger(Level::kInfo, clock_, metrics_).Log(Level::kInfo, "here");
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), ::testing::HasSubstr("\"here\"}\n"));
}

}  // namespace
}  // namespace nexus::telemetry
