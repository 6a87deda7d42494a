#include "telemetry/process_metrics.h"

#include <fcntl.h>
#include <unistd.h>

#include "fake/manual_clock.h"
#include "fake/recording_metrics.h"
#include "gtest/gtest.h"

namespace nexus::telemetry {
namespace {

class ProcessMetricsTest : public ::testing::Test {
 protected:
  fake::ManualClock clock_{Timestamp{1'700'000'000'500'000}};
  fake::RecordingMetrics metrics_;
  ProcessMetrics process_{metrics_, clock_, "1.2.3"};
};

TEST_F(ProcessMetricsTest, TellTheVersionAndTheStart) {
  EXPECT_EQ(metrics_.Value("nexus_build_info{version=1.2.3}"), 1);
  EXPECT_EQ(metrics_.Value("process_start_time_seconds"), 1'700'000'000.5);
}

TEST_F(ProcessMetricsTest, TellTheMemory) {
  EXPECT_GT(metrics_.Value("process_resident_memory_bytes"), 1 << 20);
}

TEST_F(ProcessMetricsTest, CountCpuTimeAsItIsUsed) {
  const double before = metrics_.Value("process_cpu_seconds_total");
  double now = before;
  for (int i = 0; i < 10'000'000 && now == before; ++i) {
    process_.Refresh();
    now = metrics_.Value("process_cpu_seconds_total");
  }
  EXPECT_GT(now, before);
  EXPECT_LT(now, 3'600) << "added up twice?";
}

TEST_F(ProcessMetricsTest, CountOpenFiles) {
  process_.Refresh();
  const double before = metrics_.Value("process_open_fds");
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  process_.Refresh();
  close(fd);
  EXPECT_EQ(metrics_.Value("process_open_fds"), before + 1);
}

}  // namespace
}  // namespace nexus::telemetry
