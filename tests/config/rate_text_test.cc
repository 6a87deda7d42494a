#include "config/rate_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nexus::config {
namespace {

using ::testing::HasSubstr;

TEST(RateTextTest, PutsWhatItNamesInThePlaceOfTheRest) {
  RatesConfig of_all;
  of_all.requests_per_second = 5;
  of_all.bytes_per_second = 7;
  const auto rates = ParseRates(
      "requests_per_second=100, temporal_reads_per_minute=0  subscriptions_open_max=3", of_all);
  ASSERT_TRUE(rates.ok()) << rates.status();
  EXPECT_EQ(rates->requests_per_second, 100);
  EXPECT_EQ(rates->bytes_per_second, 7);
  EXPECT_EQ(rates->temporal_reads_per_minute, 0);
  EXPECT_EQ(rates->subscriptions_open_max, 3u);
}

TEST(RateTextTest, NamesTheWrongPart) {
  const auto message = [](absl::string_view text) {
    return std::string(ParseRates(text, {}).status().message());
  };
  EXPECT_THAT(message("requests_per_hour=1"), HasSubstr("there are requests_per_second, "));
  EXPECT_THAT(message("requests_per_second=many"), HasSubstr("'requests_per_second=many'"));
  EXPECT_THAT(message("requests_per_second"), HasSubstr("must be a number"));
  EXPECT_THAT(message("events_per_second=-1"), HasSubstr("must be a number"));
  EXPECT_THAT(message("events_per_second=inf"), HasSubstr("must be a number"));
  EXPECT_THAT(message("subscriptions_open_max=1.5"), HasSubstr("must be a whole number"));
  EXPECT_THAT(message("  "), HasSubstr("names no limit"));
}

}  // namespace
}  // namespace nexus::config
