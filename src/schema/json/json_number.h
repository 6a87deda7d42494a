#pragma once

// JSON numbers compared exactly: no value is rounded on its way from int64, uint64 or double.

#include <cstdint>
#include <string>

namespace nexus::schema {

// Either a whole number in an int64, a whole number beyond it in a uint64, or a finite double.
struct Number {
  enum class Kind : uint8_t { kInt, kUint, kDouble };

  Kind kind = Kind::kInt;
  int64_t i = 0;
  uint64_t u = 0;  // above INT64_MAX where `kind` is kUint
  double d = 0;

  static Number Int(int64_t value) { return {Kind::kInt, value, 0, 0}; }
  static Number Uint(uint64_t value) { return {Kind::kUint, 0, value, 0}; }
  static Number Double(double value) { return {Kind::kDouble, 0, 0, value}; }
};

// Negative, zero or positive as `a` is less than, equal to or greater than `b`.
int CompareNumbers(const Number& a, const Number& b);

// Whether the value is whole: 3, 3.0 and 1e3 are, 3.5 is not.
bool IsWhole(const Number& n);

// The value as a count; clamped to UINT64_MAX. `n` must be whole and not negative.
uint64_t ToCount(const Number& n);

// Whether `n` is a whole multiple of `step` (above 0), both taken as the decimal numbers that were
// written: 1.1 is a multiple of 0.1, although the nearest doubles are not.
bool IsMultipleOf(const Number& n, const Number& step);

// Shortest decimal form that reads back as the same value; a whole double within int64 or uint64
// prints as an integer, so that equal numbers have equal text.
std::string NumberText(const Number& n);

}  // namespace nexus::schema
