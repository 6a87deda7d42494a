#pragma once

// Money in whole millionths of a currency's unit, and rates that are exact decimals.
//
// An amount is a rate times a quantity. It is computed exactly in whole numbers and rounded once,
// half to even, to a millionth; what is added up afterwards is rounded already. So a total is
// always the sum of its lines, in whatever order, and no binary fraction is involved.
//
// Values; thread-safe as such.

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::cost {

struct Money {
  int64_t micros = 0;

  friend constexpr auto operator<=>(Money, Money) = default;
  friend constexpr Money operator+(Money a, Money b) { return {a.micros + b.micros}; }
  friend constexpr Money operator-(Money a, Money b) { return {a.micros - b.micros}; }
  Money& operator+=(Money other) { return *this = *this + other; }
};

// No amount is larger, so that thousands of them can be added up: a billion units.
inline constexpr Money kAmountMax{1'000'000'000'000'000};

// `pico` millionths of a millionth of a unit for each `per` of what is counted.
struct Rate {
  uint64_t pico = 0;
  uint64_t per = 1;
};

inline constexpr uint64_t kMillionths = 1'000'000;  // of a whole
inline constexpr uint64_t kPicoPerUnit = 1'000'000'000'000;
inline constexpr uint64_t kRateUnitsMax = 1'000'000;

// "0.015": digits, at most 12 of them behind the point, at most kRateUnitsMax. MALFORMED_REQUEST
// with what is wrong.
absl::StatusOr<uint64_t> ParsePico(absl::string_view text);

// A product of whole numbers over a product of whole numbers.
class Quantity {
 public:
  explicit Quantity(uint64_t value) : value_(value) {}
  Quantity& Times(uint64_t factor);
  // Not by 0.
  Quantity& Over(uint64_t divisor);

 private:
  friend absl::StatusOr<Money> AmountOf(Rate rate, Quantity quantity);

  absl::uint128 value_;
  absl::uint128 divisor_ = 1;
  bool too_large_ = false;
};

// LIMIT_EXCEEDED beyond kAmountMax.
absl::StatusOr<Money> AmountOf(Rate rate, Quantity quantity);

// `value` * `factor` / `divisor`, rounded up; the largest number if it is beyond that.
uint64_t ScaledUp(uint64_t value, uint64_t factor, uint64_t divisor);

// `amount` for each million of `count`, half to even; 0 if there are none.
Money PerMillion(Money amount, uint64_t count);

// Hundredths of a percent that `part` is of `whole`, toward zero; 0 if `whole` is 0.
int64_t BasisPoints(Money part, Money whole);

// Parts in proportion to `weights` that add up to `amount` exactly; equal ones if all are 0.
std::vector<Money> Split(Money amount, const std::vector<uint64_t>& weights);

// "1,234.56": two places, half to even.
std::string CentsText(Money amount);
// "1234.560000": all places, for programs.
std::string ExactText(Money amount);
// "12.34 %" of hundredths of a percent.
std::string PercentText(int64_t basis_points);
// "26,280,000".
std::string GroupedText(uint64_t number);

}  // namespace nexus::cost
