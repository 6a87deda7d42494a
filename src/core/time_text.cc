#include "nexus/core/time_text.h"

#include <algorithm>
#include <cstddef>

namespace nexus {
namespace {

constexpr int64_t kMicrosOfDay = 86'400'000'000;
constexpr int64_t kFirst = -62'167'219'200'000'000;  // 0000-01-01T00:00:00Z
constexpr int64_t kLast = 253'402'300'799'999'999;   // 9999-12-31T23:59:59.999999Z

void Write(char* at, size_t digits, int64_t number) {
  for (size_t i = digits; i > 0; --i, number /= 10)
    at[i - 1] = static_cast<char>('0' + number % 10);
}

struct CivilDay {
  int64_t year;
  int64_t month;
  int64_t day;
};

// The Gregorian calendar counted from 1 March, so that the leap day is the last of its year:
// 400 years have 146,097 days, and five months 153 (Fliegel and Van Flandern's idea).
CivilDay DayOf(int64_t since_epoch) {
  const int64_t days = since_epoch + 719'468;  // since 0000-03-01
  const int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const int64_t of_era = days - era * 146'097;
  const int64_t year_of_era = (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * of_year + 2) / 153;  // 0: March
  const int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  const int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return {year, month, of_year - (153 * shifted + 2) / 5 + 1};
}

}  // namespace

void AppendTime(std::string& out, Timestamp time) {
  const int64_t micros = std::clamp(time.micros, kFirst, kLast);
  const int64_t days = (micros >= 0 ? micros : micros - kMicrosOfDay + 1) / kMicrosOfDay;
  const int64_t of_day = micros - days * kMicrosOfDay;
  const int64_t seconds = of_day / 1'000'000;
  const CivilDay day = DayOf(days);
  char text[] = "0000-00-00T00:00:00.000000Z";
  Write(text, 4, day.year);
  Write(text + 5, 2, day.month);
  Write(text + 8, 2, day.day);
  Write(text + 11, 2, seconds / 3'600);
  Write(text + 14, 2, seconds / 60 % 60);
  Write(text + 17, 2, seconds % 60);
  Write(text + 20, 6, of_day % 1'000'000);
  out.append(text, sizeof(text) - 1);
}

std::string TimeText(Timestamp time) {
  std::string text;
  AppendTime(text, time);
  return text;
}

}  // namespace nexus
