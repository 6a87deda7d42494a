#include "identity/jwt/jwt_verifier.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "identity/jwt/jwt_claims.h"
#include "identity/unauthenticated.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::identity {

JwtVerifier::JwtVerifier(std::vector<JwtIssuer> issuers, const JwtOptions& options,
                         const Clock& clock, JsonReader& json)
    : issuers_(std::move(issuers)),
      options_(options),
      clock_(clock),
      json_(json),
      verified_(options.cache_max) {}

absl::Status JwtVerifier::CheckIssuers(const std::vector<JwtIssuer>& issuers) {
  const auto wrong = [](auto... what) {
    return MakeError(ErrorReason::kMalformedRequest, absl::StrCat(what...));
  };
  for (size_t i = 0; i < issuers.size(); ++i) {
    const JwtIssuer& issuer = issuers[i];
    if (issuer.issuer.empty()) return wrong("an issuer of tokens needs a name");
    if (issuer.audiences.empty()) return wrong("the issuer ", issuer.issuer, " needs an audience");
    for (size_t other = 0; other < i; ++other) {
      if (issuers[other].issuer == issuer.issuer) return wrong(issuer.issuer, " is named twice");
      if (issuers[other].principal_prefix == issuer.principal_prefix) {
        return wrong(issuer.issuer, " and ", issuers[other].issuer,
                     " need different principal prefixes: each could name the other's people");
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<PrincipalPtr> JwtVerifier::Verify(absl::string_view token) {
  if (token.size() > options_.bytes_max) {
    return Unauthenticated(AuthFailure::kMalformed, "the token is larger than any may be");
  }
  const Timestamp now = clock_.Now();
  const VerifiedTokens::Digest digest = Sha256(token);
  if (std::optional<VerifiedToken> known = verified_.Find(digest, now)) {
    if (known->keys == issuers_[known->issuer].keys->Keys()) {
      options_.cached.Hits();
      return known->principal;
    }
    verified_.Remove(digest);  // its key may have been withdrawn
  }
  options_.cached.Misses();
  NEXUS_ASSIGN_OR_RETURN(const JwtParts parts, TakeApart(token, options_.bytes_max, json_));
  NEXUS_ASSIGN_OR_RETURN(const size_t index, FindIssuer(parts));
  const JwtIssuer& issuer = issuers_[index];
  JwkSetPtr keys;
  NEXUS_RETURN_IF_ERROR(CheckSignature(issuer, parts, keys));
  NEXUS_RETURN_IF_ERROR(CheckAudience(parts.claims, issuer.audiences, json_));
  NEXUS_ASSIGN_OR_RETURN(const Timestamp expires, CheckTimes(parts.claims, options_, now));
  NEXUS_ASSIGN_OR_RETURN(Principal principal, PrincipalOf(parts.claims, issuer, options_, json_));
  const Timestamp until{expires.micros + absl::ToInt64Microseconds(options_.skew)};
  principal.expires = until;
  auto shared = std::make_shared<const Principal>(std::move(principal));
  verified_.Add(digest, {shared, until, index, std::move(keys)});
  return PrincipalPtr(std::move(shared));
}

absl::Status JwtVerifier::CheckStillUsable(const Principal& principal) const {
  if (!principal.expires.has_value() || clock_.Now() < *principal.expires) return absl::OkStatus();
  return Unauthenticated(AuthFailure::kExpired, "the token has expired");
}

absl::StatusOr<size_t> JwtVerifier::FindIssuer(const JwtParts& parts) const {
  const auto claim = parts.claims.find("iss");
  if (claim != parts.claims.end() && claim->second.is_string) {
    for (size_t i = 0; i < issuers_.size(); ++i) {
      if (issuers_[i].issuer == claim->second.text) return i;
    }
  }
  return Unauthenticated(AuthFailure::kIssuer, "the token is by an issuer that is not known here");
}

absl::Status JwtVerifier::CheckSignature(const JwtIssuer& issuer, const JwtParts& parts,
                                         JwkSetPtr& keys) const {
  if (!issuer.algorithms.Contains(parts.algorithm)) {
    return Unauthenticated(AuthFailure::kAlgorithm,
                           "the token is not signed by an algorithm that is taken");
  }
  keys = issuer.keys->Keys();
  const PublicKey* key = keys == nullptr ? nullptr : keys->Find(parts.key_id);
  if (key == nullptr) {
    // A new key of the issuer, or a guess: asking for newer ones is limited elsewhere.
    if (issuer.keys->Missed() || keys == nullptr) {
      return Unauthenticated(AuthFailure::kKeysUnavailable,
                             "the keys of the token's issuer are being fetched");
    }
    return Unauthenticated(AuthFailure::kKey, "the issuer has no key of the id in the token");
  }
  if (!key->Fits(parts.algorithm)) {
    return Unauthenticated(AuthFailure::kAlgorithm,
                           "the token's algorithm is not that of the key it names");
  }
  if (!key->Verify(parts.algorithm, parts.signed_text, parts.signature)) {
    return Unauthenticated(AuthFailure::kSignature, "the token's signature is not its issuer's");
  }
  return absl::OkStatus();
}

}  // namespace nexus::identity
