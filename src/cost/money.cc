#include "cost/money.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nexus/core/errors.h"

namespace nexus::cost {
namespace {

constexpr size_t kPlacesMax = 12;
constexpr uint64_t kPicoPerMicro = 1'000'000;

absl::Status TooLarge() {
  return MakeError(
      ErrorReason::kLimitExceeded,
      absl::StrCat("an amount is larger than ", CentsText(kAmountMax), ": are the numbers right?"));
}

// False, and `a` as it was, if the product does not fit.
bool Multiply(absl::uint128& a, absl::uint128 b) {
  if (a != 0 && b > absl::Uint128Max() / a) return false;
  a *= b;
  return true;
}

absl::uint128 HalfToEven(absl::uint128 value, absl::uint128 divisor) {
  const absl::uint128 whole = value / divisor;
  const absl::uint128 rest = value % divisor;
  const bool up = rest > divisor - rest || (rest == divisor - rest && whole % 2 == 1);
  return up ? whole + 1 : whole;
}

absl::Status BadPrice(absl::string_view text, absl::string_view why) {
  return MakeError(ErrorReason::kMalformedRequest,
                   absl::StrCat("'", text.substr(0, 40), "' is no price: ", why));
}

bool IsDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isdigit(c); });
}

uint64_t Magnitude(int64_t value) {
  return value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

}  // namespace

absl::StatusOr<uint64_t> ParsePico(absl::string_view text) {
  if (!text.empty() && text[0] == '-') return BadPrice(text, "it is negative");
  const size_t point = std::min(text.find('.'), text.size());
  const absl::string_view whole = text.substr(0, point);
  const absl::string_view places = point < text.size() ? text.substr(point + 1) : "";
  if (whole.empty() || (point < text.size() && places.empty()) || !IsDigits(whole) ||
      !IsDigits(places)) {
    return BadPrice(text, "digits are needed, with a point before the fraction");
  }
  if (places.size() > kPlacesMax) {
    return BadPrice(text, absl::StrCat("it has more than ", kPlacesMax, " decimal places"));
  }
  uint64_t units = 0;
  if (!absl::SimpleAtoi(whole, &units) || units >= kRateUnitsMax) {
    return BadPrice(text, absl::StrCat("it is not below ", kRateUnitsMax));
  }
  uint64_t fraction = 0;
  for (size_t i = 0; i < kPlacesMax; ++i) {
    fraction = fraction * 10 + (i < places.size() ? static_cast<uint64_t>(places[i] - '0') : 0);
  }
  return units * kPicoPerUnit + fraction;
}

Quantity& Quantity::Times(uint64_t factor) {
  too_large_ = !Multiply(value_, factor) || too_large_;
  return *this;
}

Quantity& Quantity::Over(uint64_t divisor) {
  too_large_ = !Multiply(divisor_, divisor) || too_large_;
  return *this;
}

absl::StatusOr<Money> AmountOf(Rate rate, Quantity quantity) {
  quantity.Times(rate.pico).Over(rate.per).Over(kPicoPerMicro);
  if (quantity.too_large_) return TooLarge();
  const absl::uint128 micros = HalfToEven(quantity.value_, quantity.divisor_);
  if (micros > static_cast<uint64_t>(kAmountMax.micros)) return TooLarge();
  return Money{static_cast<int64_t>(absl::Uint128Low64(micros))};
}

uint64_t ScaledUp(uint64_t value, uint64_t factor, uint64_t divisor) {
  const absl::uint128 product = absl::uint128(value) * factor;
  const absl::uint128 result = product / divisor + (product % divisor == 0 ? 0 : 1);
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  return result > kMost ? kMost : absl::Uint128Low64(result);
}

Money PerMillion(Money amount, uint64_t count) {
  if (count == 0) return {};
  const absl::uint128 micros =
      HalfToEven(absl::uint128(Magnitude(amount.micros)) * kMillionths, count);
  // A fixed cost over very few events; nobody needs more digits of that.
  constexpr auto kMost = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  const auto bounded = static_cast<int64_t>(std::min(absl::uint128(kMost), micros));
  return {amount.micros < 0 ? -bounded : bounded};
}

int64_t BasisPoints(Money part, Money whole) {
  if (whole.micros == 0) return 0;
  return static_cast<int64_t>(absl::int128(part.micros) * 10'000 / whole.micros);
}

std::vector<Money> Split(Money amount, const std::vector<uint64_t>& weights) {
  absl::uint128 total = 0;
  for (const uint64_t weight : weights) total += weight;
  const bool even = total == 0;
  if (even) total = weights.size();
  std::vector<Money> parts;
  absl::uint128 seen = 0;
  int64_t given = 0;
  for (const uint64_t weight : weights) {
    seen += even ? 1 : weight;
    // Amounts are below 2^50 and weights are counts: scaled down together if they would not fit.
    absl::uint128 upto = seen;
    absl::uint128 all = total;
    while (absl::Uint128High64(all) != 0) {
      upto /= 2;
      all /= 2;
    }
    const auto reached =
        static_cast<int64_t>(absl::Uint128Low64(upto * Magnitude(amount.micros) / all));
    parts.push_back({amount.micros < 0 ? given - reached : reached - given});
    given = reached;
  }
  return parts;
}

std::string CentsText(Money amount) {
  const absl::uint128 cents = HalfToEven(Magnitude(amount.micros), 10'000);
  const uint64_t number = absl::Uint128Low64(cents);
  return absl::StrCat(amount.micros < 0 && number != 0 ? "-" : "", GroupedText(number / 100), ".",
                      absl::Dec(number % 100, absl::kZeroPad2));
}

std::string ExactText(Money amount) {
  const uint64_t micros = Magnitude(amount.micros);
  return absl::StrCat(amount.micros < 0 ? "-" : "", micros / kMillionths, ".",
                      absl::Dec(micros % kMillionths, absl::kZeroPad6));
}

std::string PercentText(int64_t basis_points) {
  const uint64_t number = Magnitude(basis_points);
  return absl::StrCat(basis_points < 0 ? "-" : "", number / 100, ".",
                      absl::Dec(number % 100, absl::kZeroPad2), " %");
}

std::string GroupedText(uint64_t number) {
  const std::string digits = absl::StrCat(number);
  std::string text;
  for (size_t at = 0; at < digits.size(); ++at) {
    if (at > 0 && (digits.size() - at) % 3 == 0) text += ',';
    text += digits[at];
  }
  return text;
}

}  // namespace nexus::cost
