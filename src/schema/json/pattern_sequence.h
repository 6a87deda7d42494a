#pragma once

// The expressions that most schemas have, such as ^ord-[0-9]+$ or ^[A-Z]{3}$, run as a walk over
// the text: from its start, ASCII classes one after the other, each so many times, nothing to go
// back for.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::schema {

class PatternSequence {
 public:
  // Nothing if the expression is not of this kind; then RE2 has to run it.
  static std::optional<PatternSequence> Parse(absl::string_view source);

  bool Matches(std::string_view text) const;

 private:
  // A set of ASCII characters.
  struct Class {
    std::array<uint64_t, 2> bits{};

    void Add(unsigned char c) { bits[c >> 6] |= uint64_t{1} << (c & 63); }
    void AddRange(unsigned char first, unsigned char last) {
      for (int c = first; c <= last; ++c) Add(static_cast<unsigned char>(c));
    }
    bool Has(unsigned char c) const { return c < 128 && ((bits[c >> 6] >> (c & 63)) & 1) != 0; }
    bool Meets(const Class& other) const {
      return ((bits[0] & other.bits[0]) | (bits[1] & other.bits[1])) != 0;
    }
  };
  struct Part {
    Class characters;
    uint32_t count_min = 1;
    uint32_t count_max = 1;
  };
  class Parser;

  // Whether taking as many characters as each part may is always right.
  bool NeedsNoReturn() const;

  std::vector<Part> parts_;
  bool to_end_ = false;
};

}  // namespace nexus::schema
