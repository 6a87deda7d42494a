#pragma once

// StrongNumber: an unsigned 64-bit number that does not mix with another one.
//
// A position is not a revision, and neither is a count. Each gets a type of its own by a tag, so
// that passing one for the other does not compile. Values order and hash like the number inside.

#include <compare>
#include <cstdint>
#include <utility>

namespace nexus {

template <typename Tag>
struct StrongNumber {
  uint64_t value = 0;

  constexpr StrongNumber() = default;
  constexpr explicit StrongNumber(uint64_t v) : value(v) {}

  constexpr StrongNumber Next() const { return StrongNumber(value + 1); }
  constexpr StrongNumber Plus(uint64_t n) const { return StrongNumber(value + n); }

  friend constexpr auto operator<=>(StrongNumber, StrongNumber) = default;

  template <typename H>
  friend H AbslHashValue(H h, StrongNumber n) {
    return H::combine(std::move(h), n.value);
  }
};

}  // namespace nexus
