#include "identity/tokens/token_record.h"

#include "identity/unauthenticated.h"

namespace nexus::identity {

absl::Status TokenRecord::CheckUsable(Timestamp now) const {
  if (revoked) return Unauthenticated(AuthFailure::kRevoked, "the token has been revoked");
  if (expires.has_value() && *expires <= now) {
    return Unauthenticated(AuthFailure::kExpired, "the token has expired");
  }
  return absl::OkStatus();
}

Principal TokenRecord::ToPrincipal() const {
  Principal owner;
  owner.name = principal;
  owner.method = "api-token";
  owner.authenticated = true;
  owner.roles = roles;
  owner.token_id = id;
  return owner;
}

absl::Status CheckToken(const TokenRecord* record, absl::string_view text, Timestamp now) {
  // The same work whether the id is known or not.
  static constexpr TokenDigest kNobody = {};
  const TokenDigest digest = Sha256(text);
  if (!SameDigest(digest, record == nullptr ? kNobody : record->digest) || record == nullptr) {
    return Unauthenticated(AuthFailure::kUnknown, "the token is not known to this server");
  }
  return record->CheckUsable(now);
}

}  // namespace nexus::identity
