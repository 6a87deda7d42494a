#include "identity/jwt/signature_algorithm.h"

#include <array>

namespace nexus::identity {
namespace {

constexpr std::array<absl::string_view, kSignatureAlgorithms> kNames = {
    "RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"};

}  // namespace

std::optional<SignatureAlgorithm> ParseSignatureAlgorithm(absl::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<SignatureAlgorithm>(i);
  }
  return std::nullopt;
}

}  // namespace nexus::identity
