#pragma once

// What the claims of a token say. Only of tokens whose signature is good.

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "identity/jwt/jwt_issuer.h"
#include "identity/principal.h"
#include "nexus/core/position.h"
#include "nexus/port/json_reader.h"

namespace nexus::identity {

using JwtClaimMap = absl::flat_hash_map<std::string, JsonMember>;

// When the token ends. UNAUTHENTICATED: CLAIMS without a usable "exp", EXPIRED, NOT_YET_VALID.
absl::StatusOr<Timestamp> CheckTimes(const JwtClaimMap& claims, const JwtOptions& options,
                                     Timestamp now);

// AUDIENCE unless one of `audiences` is in "aud".
absl::Status CheckAudience(const JwtClaimMap& claims, const std::vector<std::string>& audiences,
                           JsonReader& json);

// CLAIMS if a claim is missing or of another kind, or names anonymous.
absl::StatusOr<Principal> PrincipalOf(const JwtClaimMap& claims, const JwtIssuer& issuer,
                                      const JwtOptions& options, JsonReader& json);

}  // namespace nexus::identity
