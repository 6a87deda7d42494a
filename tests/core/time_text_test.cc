#include "nexus/core/time_text.h"

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace nexus {
namespace {

std::string ByAbseil(int64_t micros) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E6SZ", absl::FromUnixMicros(micros),
                          absl::UTCTimeZone());
}

TEST(TimeText, IsThatOfAbseil) {
  // From the year 1000 on, which both write with four digits. Steps that are prime to days and
  // years meet every month, leap days and both sides of 1970.
  constexpr int64_t kStep = 86'399'999'983LL * 17;
  for (int64_t micros = -30'610'224'000'000'000; micros < 253'402'300'799'999'999;
       micros += kStep) {
    ASSERT_EQ(TimeText({micros}), ByAbseil(micros)) << micros;
  }
}

TEST(TimeText, KnowsTheEdges) {
  EXPECT_EQ(TimeText({0}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(TimeText({-1}), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(TimeText({951'782'400'000'000}), "2000-02-29T00:00:00.000000Z");
  EXPECT_EQ(TimeText({INT64_MAX}), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(TimeText({INT64_MIN}), "0000-01-01T00:00:00.000000Z");
}

}  // namespace
}  // namespace nexus
