#pragma once

// The three parts of a compact JWS (RFC 7515), taken apart but not believed.

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "identity/jwt/signature_algorithm.h"
#include "nexus/port/json_reader.h"

namespace nexus::identity {

struct JwtParts {
  SignatureAlgorithm algorithm = SignatureAlgorithm::kRs256;
  std::string key_id;
  absl::flat_hash_map<std::string, JsonMember> claims;
  absl::string_view signed_text;  // of the token
  std::string signature;
};

// Whether a bearer may be one: two dots.
bool LooksLikeJwt(absl::string_view bearer);

// UNAUTHENTICATED: MALFORMED, or ALGORITHM for one that is not taken. Headers that point to keys
// ("jku", "x5u", "jwk") are never followed; a critical extension is refused, since none is known.
absl::StatusOr<JwtParts> TakeApart(absl::string_view token, size_t bytes_max, JsonReader& json);

}  // namespace nexus::identity
