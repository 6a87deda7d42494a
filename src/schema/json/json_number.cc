#include "schema/json/json_number.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"

namespace nexus::schema {
namespace {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr double kTwoTo64 = 18446744073709551616.0;

int Sign(Wide n) { return n < 0 ? -1 : (n > 0 ? 1 : 0); }

Wide WholeOf(const Number& n) {
  return n.kind == Number::Kind::kInt ? static_cast<Wide>(n.i) : static_cast<Wide>(n.u);
}

// `whole` lies within int64 or uint64.
int CompareWholeToDouble(Wide whole, double d) {
  if (d >= kTwoTo64) return -1;
  if (d < -kTwoTo63) return 1;
  const double floor = std::floor(d);
  const int order = Sign(whole - static_cast<Wide>(floor));
  if (order != 0) return order;
  return d > floor ? -1 : 0;
}

// The absolute value of a number as digits * 10^exponent, exactly as the shortest decimal form
// says.
struct Decimal {
  UnsignedWide digits = 0;
  int exponent = 0;
};

Decimal DecimalOf(const Number& n) {
  if (n.kind != Number::Kind::kDouble) {
    const Wide whole = WholeOf(n);
    return {static_cast<UnsignedWide>(whole < 0 ? -whole : whole), 0};
  }
  char text[64];
  const auto end =
      std::to_chars(text, text + sizeof(text), std::fabs(n.d), std::chars_format::scientific).ptr;
  Decimal decimal;
  const char* at = text;
  bool fraction = false;
  for (; at != end && *at != 'e'; ++at) {
    if (*at == '.') {
      fraction = true;
      continue;
    }
    decimal.digits = decimal.digits * 10 + static_cast<unsigned>(*at - '0');
    if (fraction) --decimal.exponent;
  }
  int written = 0;
  if (at != end) {
    ++at;
    if (*at == '+') ++at;
    std::from_chars(at, end, written);
  }
  decimal.exponent += written;
  return decimal;
}

UnsignedWide PowerOfTenModulo(int exponent, UnsignedWide modulus) {
  UnsignedWide result = 1 % modulus;
  UnsignedWide base = 10 % modulus;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = result * base % modulus;
    base = base * base % modulus;
  }
  return result;
}

}  // namespace

int CompareNumbers(const Number& a, const Number& b) {
  const bool a_double = a.kind == Number::Kind::kDouble;
  const bool b_double = b.kind == Number::Kind::kDouble;
  if (a_double && b_double) return a.d < b.d ? -1 : (a.d > b.d ? 1 : 0);
  if (a_double) return -CompareWholeToDouble(WholeOf(b), a.d);
  if (b_double) return CompareWholeToDouble(WholeOf(a), b.d);
  return Sign(WholeOf(a) - WholeOf(b));
}

bool IsWhole(const Number& n) { return n.kind != Number::Kind::kDouble || std::floor(n.d) == n.d; }

uint64_t ToCount(const Number& n) {
  if (n.kind == Number::Kind::kInt) return static_cast<uint64_t>(n.i);
  if (n.kind == Number::Kind::kUint) return n.u;
  if (n.d >= kTwoTo64) return std::numeric_limits<uint64_t>::max();
  return static_cast<uint64_t>(n.d);
}

bool IsMultipleOf(const Number& n, const Number& step) {
  const Decimal value = DecimalOf(n);
  const Decimal divisor = DecimalOf(step);
  if (value.digits == 0) return true;
  // Both digit strings stay below 2^64, so every product below fits 128 bits.
  const int shift = value.exponent - divisor.exponent;
  UnsignedWide rest = value.digits;
  if (shift >= 0) {
    rest %= divisor.digits;
    return rest * PowerOfTenModulo(shift, divisor.digits) % divisor.digits == 0;
  }
  // digits / (divisor * 10^-shift), place by place; ends early, because digits is not zero.
  for (int i = 0; i < -shift; ++i) {
    if (rest % 10 != 0) return false;
    rest /= 10;
  }
  return rest % divisor.digits == 0;
}

std::string NumberText(const Number& n) {
  if (n.kind == Number::Kind::kInt) return absl::StrCat(n.i);
  if (n.kind == Number::Kind::kUint) return absl::StrCat(n.u);
  if (n.d == 0) return "0";
  // Whole doubles that an integer type holds print as that integer: 3.0 and 3 are one value.
  if (IsWhole(n) && n.d >= -kTwoTo63 && n.d < kTwoTo64) {
    if (n.d < kTwoTo63) return absl::StrCat(static_cast<int64_t>(n.d));
    return absl::StrCat(static_cast<uint64_t>(n.d));
  }
  char text[64];
  // In digits alone a whole one beyond 64 bits would be an integer, which no reader here takes.
  const auto end =
      IsWhole(n) ? std::to_chars(text, text + sizeof(text), n.d, std::chars_format::scientific).ptr
                 : std::to_chars(text, text + sizeof(text), n.d).ptr;
  return std::string(text, end);
}

}  // namespace nexus::schema
