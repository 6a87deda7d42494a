#pragma once

// Decimal numbers of any size, as far as units of amounts need them. Pure.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace nexus::policy {

// A number that is not negative: `digits` * 10^exponent.
struct Decimal {
  std::string digits = "0";  // without leading zeros
  int64_t exponent = 0;
};

// "12", "1.5", ".5", "1e3". Nothing if it is no such number, or its exponent is beyond 1,000.
std::optional<Decimal> ParseDecimal(absl::string_view text);

Decimal Multiply(const Decimal& a, uint64_t b);
bool IsInteger(const Decimal& number);
std::string IntegerPart(const Decimal& number);
// With `places` digits after the point, rounded half away from zero.
std::string FixedPoint(const Decimal& number, size_t places);

}  // namespace nexus::policy
