#include "policy/wasm/decimal.h"

#include <algorithm>

#include "absl/strings/numbers.h"

namespace nexus::policy {
namespace {

constexpr int64_t kExponentMax = 1000;

std::string Trim(std::string digits) {
  const size_t first = digits.find_first_not_of('0');
  return first == std::string::npos ? "0" : digits.substr(first);
}

// Adds one in the last place.
void Increment(std::string& digits) {
  for (size_t i = digits.size(); i-- > 0;) {
    if (digits[i] != '9') {
      ++digits[i];
      return;
    }
    digits[i] = '0';
  }
  digits.insert(0, "1");
}

}  // namespace

std::optional<Decimal> ParseDecimal(absl::string_view text) {
  Decimal number;
  const size_t mark = std::min(text.find_first_of("eE"), text.size());
  const absl::string_view mantissa = text.substr(0, mark);
  if (mark < text.size()) {
    absl::string_view exponent = text.substr(mark + 1);
    if (!exponent.empty() && exponent.front() == '+') exponent.remove_prefix(1);
    if (!absl::SimpleAtoi(exponent, &number.exponent) || number.exponent > kExponentMax ||
        number.exponent < -kExponentMax) {
      return std::nullopt;
    }
  }
  const size_t point = std::min(mantissa.find('.'), mantissa.size());
  std::string digits(mantissa.substr(0, point));
  if (point < mantissa.size()) {
    digits.append(mantissa.substr(point + 1).data(), mantissa.size() - point - 1);
    number.exponent -= static_cast<int64_t>(mantissa.size() - point - 1);
  }
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  number.digits = Trim(std::move(digits));
  return number;
}

Decimal Multiply(const Decimal& a, uint64_t b) {
  // Nine digits of `b` at a time, so that nothing overflows.
  constexpr uint64_t kPart = 1'000'000'000;
  std::string sum(a.digits.size() + 21, '0');
  size_t shift = 0;
  for (; b > 0; b /= kPart, shift += 9) {
    uint64_t carry = 0;
    for (size_t i = 0; i + shift < sum.size(); ++i) {
      const uint64_t digit =
          i < a.digits.size() ? static_cast<uint64_t>(a.digits[a.digits.size() - 1 - i] - '0') : 0;
      char& place = sum[sum.size() - 1 - shift - i];
      carry += static_cast<uint64_t>(place - '0') + digit * (b % kPart);
      place = static_cast<char>('0' + carry % 10);
      carry /= 10;
    }
  }
  return {Trim(std::move(sum)), a.exponent};
}

bool IsInteger(const Decimal& number) {
  if (number.exponent >= 0 || number.digits == "0") return true;
  const auto places = static_cast<size_t>(-number.exponent);
  if (number.digits.size() <= places) return false;
  return number.digits.find_last_not_of('0') < number.digits.size() - places;
}

std::string IntegerPart(const Decimal& number) {
  if (number.digits == "0") return "0";
  if (number.exponent >= 0) {
    return number.digits + std::string(static_cast<size_t>(number.exponent), '0');
  }
  const auto places = static_cast<size_t>(-number.exponent);
  if (number.digits.size() <= places) return "0";
  return number.digits.substr(0, number.digits.size() - places);
}

std::string FixedPoint(const Decimal& number, size_t places) {
  std::string digits = number.digits;
  int64_t exponent = number.exponent;
  const auto wanted = -static_cast<int64_t>(places);
  if (exponent > wanted) digits.append(static_cast<size_t>(exponent - wanted), '0');
  if (exponent < wanted) {
    const auto cut = static_cast<size_t>(wanted - exponent);
    if (digits.size() < cut + 1) digits.insert(0, cut + 1 - digits.size(), '0');
    const bool up = digits[digits.size() - cut] >= '5';
    digits.resize(digits.size() - cut);
    if (up) Increment(digits);
  }
  if (digits.size() < places + 1) digits.insert(0, places + 1 - digits.size(), '0');
  return digits.insert(digits.size() - places, ".");
}

}  // namespace nexus::policy
