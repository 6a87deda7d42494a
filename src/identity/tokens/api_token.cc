#include "identity/tokens/api_token.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "identity/unauthenticated.h"
#include "nexus/core/errors.h"

namespace nexus::identity {
namespace {

constexpr size_t kIdDigits = 2 * kApiTokenIdBytes;
constexpr size_t kSecretDigits = 2 * kApiTokenSecretBytes;

std::string Hex(const uint8_t* bytes, size_t size) {
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(bytes), size));
}

// One text a token: upper-case digits are not its own.
bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::string DigestText(const TokenDigest& digest) { return Hex(digest.data(), digest.size()); }

absl::StatusOr<TokenDigest> ParseDigest(absl::string_view text) {
  TokenDigest digest;
  if (text.size() != 2 * digest.size() || !IsHex(text)) {
    return MakeError(ErrorReason::kMalformedRequest,
                     "a token's digest is 64 hexadecimal digits in lower case");
  }
  const std::string bytes = absl::HexStringToBytes(text);
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

bool SameDigest(const TokenDigest& a, const TokenDigest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

MintedToken MintToken(SecretSource& secrets) {
  std::array<uint8_t, kApiTokenIdBytes + kApiTokenSecretBytes> bytes;
  secrets.Fill(absl::MakeSpan(bytes));
  MintedToken token;
  token.id = Hex(bytes.data(), kApiTokenIdBytes);
  token.text = absl::StrCat(kApiTokenPrefix, token.id, "_",
                            Hex(bytes.data() + kApiTokenIdBytes, kApiTokenSecretBytes));
  token.digest = Sha256(token.text);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return token;
}

bool LooksLikeApiToken(absl::string_view bearer) {
  return absl::StartsWith(bearer, kApiTokenPrefix);
}

absl::StatusOr<absl::string_view> ApiTokenId(absl::string_view text) {
  absl::string_view rest = text;
  const bool whole = absl::ConsumePrefix(&rest, kApiTokenPrefix) &&
                     rest.size() == kIdDigits + 1 + kSecretDigits && rest[kIdDigits] == '_' &&
                     IsHex(rest.substr(0, kIdDigits)) && IsHex(rest.substr(kIdDigits + 1));
  if (!whole) {
    return Unauthenticated(AuthFailure::kMalformed,
                           "the token is not a whole one: it begins like nxt_ and ends too early, "
                           "too late, or in a wrong character");
  }
  return rest.substr(0, kIdDigits);
}

}  // namespace nexus::identity
