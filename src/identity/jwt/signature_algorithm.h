#pragma once

// The signature algorithms that are taken (RFC 7518, RFC 8037). "none" and the symmetric ones are
// not among them, so that no configuration can allow them.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>

#include "absl/strings/string_view.h"

namespace nexus::identity {

enum class SignatureAlgorithm : uint8_t { kRs256, kRs384, kRs512, kPs256, kEs256, kEs384, kEdDsa };

inline constexpr size_t kSignatureAlgorithms = 7;

std::optional<SignatureAlgorithm> ParseSignatureAlgorithm(absl::string_view name);

class AlgorithmSet {
 public:
  constexpr AlgorithmSet() = default;
  constexpr AlgorithmSet(std::initializer_list<SignatureAlgorithm> algorithms) {
    for (const SignatureAlgorithm algorithm : algorithms) Add(algorithm);
  }
  static constexpr AlgorithmSet All() {
    AlgorithmSet all;
    all.bits_ = (1u << kSignatureAlgorithms) - 1;
    return all;
  }
  constexpr void Add(SignatureAlgorithm algorithm) {
    bits_ |= 1u << static_cast<unsigned>(algorithm);
  }
  constexpr bool Contains(SignatureAlgorithm algorithm) const {
    return (bits_ >> static_cast<unsigned>(algorithm) & 1u) != 0;
  }

 private:
  uint32_t bits_ = 0;
};

}  // namespace nexus::identity
