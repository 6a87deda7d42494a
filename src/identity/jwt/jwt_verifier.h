#pragma once

// Who bears a JSON Web Token: signature, issuer, audience and times, in that order; then the
// claims.
//
// A token that was found good is remembered until it expires or its issuer's keys change. One that
// was not is checked again each time. Waits for nothing: keys are fetched elsewhere.
//
// Thread-safe.

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "identity/jwt/jwt_issuer.h"
#include "identity/jwt/jwt_parts.h"
#include "identity/jwt/verified_tokens.h"
#include "nexus/core/clock.h"
#include "nexus/port/json_reader.h"

namespace nexus::identity {

class JwtVerifier {
 public:
  // `json` should not take documents that nest deeper than claims do (16). `clock`, `json` and the
  // issuers' keys must outlive this.
  JwtVerifier(std::vector<JwtIssuer> issuers, const JwtOptions& options, const Clock& clock,
              JsonReader& json);

  // MALFORMED_REQUEST: an issuer is named twice, has no audience, or two have one prefix.
  static absl::Status CheckIssuers(const std::vector<JwtIssuer>& issuers);

  // UNAUTHENTICATED with the cause; NOT_READY while the issuer's keys are on their way. Messages
  // never hold a part of the token.
  absl::StatusOr<PrincipalPtr> Verify(absl::string_view token);

  // Whether the token that `principal` came from may still be used. UNAUTHENTICATED: EXPIRED.
  absl::Status CheckStillUsable(const Principal& principal) const;

  size_t remembered() const { return verified_.size(); }

 private:
  absl::StatusOr<size_t> FindIssuer(const JwtParts& parts) const;
  absl::Status CheckSignature(const JwtIssuer& issuer, const JwtParts& parts,
                              JwkSetPtr& keys) const;

  const std::vector<JwtIssuer> issuers_;
  const JwtOptions options_;
  const Clock& clock_;
  JsonReader& json_;
  VerifiedTokens verified_;
};

}  // namespace nexus::identity
