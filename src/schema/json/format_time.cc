#include "schema/json/format.h"

namespace nexus::schema {
namespace {

// Reads a text from its front.
struct Reader {
  std::string_view rest;

  bool Take(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  // Both cases of a letter.
  bool TakeLetter(char lower) {
    if (rest.empty() || (rest.front() | 0x20) != lower) return false;
    rest.remove_prefix(1);
    return true;
  }
  // Just `digits` digits; -1 if there are fewer.
  int Number(size_t digits) {
    if (rest.size() < digits) return -1;
    int value = 0;
    for (size_t i = 0; i < digits; ++i) {
      if (rest[i] < '0' || rest[i] > '9') return -1;
      value = value * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(digits);
    return value;
  }
  // How many digits there were.
  size_t SkipDigits() {
    size_t count = 0;
    while (count < rest.size() && rest[count] >= '0' && rest[count] <= '9') ++count;
    rest.remove_prefix(count);
    return count;
  }
};

bool ReadDate(Reader& in) {
  const int year = in.Number(4);
  if (year < 0 || !in.Take('-')) return false;
  const int month = in.Number(2);
  if (month < 1 || month > 12 || !in.Take('-')) return false;
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const int day = in.Number(2);
  return day >= 1 && day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool ReadTime(Reader& in) {
  const int hour = in.Number(2);
  if (hour < 0 || hour > 23 || !in.Take(':')) return false;
  const int minute = in.Number(2);
  if (minute < 0 || minute > 59 || !in.Take(':')) return false;
  const int second = in.Number(2);
  if (second < 0 || second > 60) return false;
  if (in.Take('.') && in.SkipDigits() == 0) return false;
  int offset = 0;
  if (!in.TakeLetter('z')) {
    const bool behind = in.Take('-');
    if (!behind && !in.Take('+')) return false;
    const int hours = in.Number(2);
    if (hours < 0 || hours > 23 || !in.Take(':')) return false;
    const int minutes = in.Number(2);
    if (minutes < 0 || minutes > 59) return false;
    offset = (hours * 60 + minutes) * (behind ? -1 : 1);
  }
  if (second < 60) return true;
  // A leap second is the last of a day in UTC.
  constexpr int kDay = 24 * 60;
  return (hour * 60 + minute - offset + kDay) % kDay == kDay - 1;
}

// "1Y2M" of `units` "YMD": a number before each, no unit left out between two that are there.
// False if there is none at all.
bool ReadUnits(Reader& in, std::string_view units) {
  size_t next = std::string_view::npos;
  while (!in.rest.empty() && in.rest.front() != 'T') {
    if (in.SkipDigits() == 0 || in.rest.empty()) return false;
    const size_t unit = units.find(in.rest.front());
    if (unit == std::string_view::npos || (next != std::string_view::npos && unit != next)) {
      return false;
    }
    in.rest.remove_prefix(1);
    next = unit + 1;
  }
  return next != std::string_view::npos;
}

}  // namespace

bool IsDate(std::string_view text) {
  Reader in{text};
  return ReadDate(in) && in.rest.empty();
}

bool IsTime(std::string_view text) {
  Reader in{text};
  return ReadTime(in) && in.rest.empty();
}

bool IsDateTime(std::string_view text) {
  Reader in{text};
  return ReadDate(in) && in.TakeLetter('t') && ReadTime(in) && in.rest.empty();
}

bool IsDuration(std::string_view text) {
  Reader in{text};
  if (!in.Take('P') || in.rest.empty()) return false;
  if (in.rest.back() == 'W') return ReadUnits(in, "W") && in.rest.empty();
  if (in.rest.front() != 'T' && !ReadUnits(in, "YMD")) return false;
  return in.rest.empty() || (in.Take('T') && ReadUnits(in, "HMS") && in.rest.empty());
}

}  // namespace nexus::schema
