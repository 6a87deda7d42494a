#pragma once

// API tokens: `nxt_<id>_<secret>`, 16 and 64 hexadecimal digits.
//
// The id is public: it is what lists and logs show. The secret has 256 random bits, so the plain
// SHA-256 of the token is enough at rest: there is nothing to guess. The text of a token exists in
// the answer to its creation and in the hands of its owner, nowhere else.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "digest/sha256.h"
#include "nexus/core/secret_source.h"

namespace nexus::identity {

inline constexpr char kApiTokenPrefix[] = "nxt_";
inline constexpr size_t kApiTokenIdBytes = 8;
inline constexpr size_t kApiTokenSecretBytes = 32;

using TokenDigest = Sha256Digest;  // of the whole text

std::string DigestText(const TokenDigest& digest);  // 64 hexadecimal digits
// MALFORMED_REQUEST if it is not that.
absl::StatusOr<TokenDigest> ParseDigest(absl::string_view text);
// Takes the same time wherever they differ.
bool SameDigest(const TokenDigest& a, const TokenDigest& b);

struct MintedToken {
  std::string text;  // secret
  std::string id;
  TokenDigest digest;
};

MintedToken MintToken(SecretSource& secrets);

// Whether a bearer claims to be one of ours.
bool LooksLikeApiToken(absl::string_view bearer);

// The id of a well-formed token. UNAUTHENTICATED otherwise; the message never shows the text.
absl::StatusOr<absl::string_view> ApiTokenId(absl::string_view text);

}  // namespace nexus::identity
