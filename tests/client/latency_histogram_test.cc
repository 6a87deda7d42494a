#include "client/latency_histogram.h"

#include <initializer_list>

#include "gtest/gtest.h"

namespace nexus::client {
namespace {

TEST(LatencyHistogramTest, IsZeroWhenEmpty) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.Quantile(0.99), absl::ZeroDuration());
  EXPECT_EQ(histogram.Mean(), absl::ZeroDuration());
  EXPECT_EQ(histogram.max(), absl::ZeroDuration());
}

TEST(LatencyHistogramTest, IsExactBelow64Microseconds) {
  LatencyHistogram histogram;
  for (int i = 1; i <= 50; ++i) histogram.Record(absl::Microseconds(i));
  EXPECT_EQ(histogram.Quantile(0.5), absl::Microseconds(25));
  EXPECT_EQ(histogram.Quantile(1), absl::Microseconds(50));
  EXPECT_EQ(histogram.Quantile(0), absl::Microseconds(1));
}

TEST(LatencyHistogramTest, IsWithinASixtyFourthAbove) {
  for (const int64_t micros :
       std::initializer_list<int64_t>{64, 100, 127, 128, 1'000, 65'535, 1'000'000, 3'600'000'000}) {
    LatencyHistogram histogram;
    histogram.Record(absl::Microseconds(micros));
    histogram.Record(absl::Hours(10));
    const int64_t found = absl::ToInt64Microseconds(histogram.Quantile(0.5));
    EXPECT_GE(found, micros);
    EXPECT_LE(found, micros + micros / 64 + 1) << micros;
  }
}

TEST(LatencyHistogramTest, AQuantileNeverPassesTheMaximum) {
  LatencyHistogram histogram;
  histogram.Record(absl::Microseconds(1'001));
  EXPECT_EQ(histogram.Quantile(0.999), absl::Microseconds(1'001));
}

TEST(LatencyHistogramTest, TakesWhatIsAbsurd) {
  LatencyHistogram histogram;
  histogram.Record(absl::Seconds(-1));
  histogram.Record(absl::Hours(1'000'000));
  EXPECT_EQ(histogram.count(), 2u);
  EXPECT_EQ(histogram.Quantile(0.5), absl::ZeroDuration());
  EXPECT_LE(histogram.Quantile(1), histogram.max());
}

TEST(LatencyHistogramTest, MergedIsAsIfRecordedInOne) {
  LatencyHistogram one;
  LatencyHistogram two;
  LatencyHistogram both;
  for (int i = 0; i < 1'000; ++i) {
    (i % 2 == 0 ? one : two).Record(absl::Microseconds(i * 37));
    both.Record(absl::Microseconds(i * 37));
  }
  one.Merge(two);
  for (const double share : {0.1, 0.5, 0.9, 0.99}) {
    EXPECT_EQ(one.Quantile(share), both.Quantile(share));
  }
  EXPECT_EQ(one.Mean(), both.Mean());
}

}  // namespace
}  // namespace nexus::client
