#include "identity/authentication/authenticator.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "identity/authentication/certificate_principal.h"
#include "identity/unauthenticated.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::identity {

absl::StatusOr<Identity> Authenticator::Authenticate(const Credentials& credentials) const {
  Identity identity;
  NEXUS_ASSIGN_OR_RETURN(identity.principal, PrincipalOf(credentials));
  if (parts_.enforce) identity.access = parts_.registry->AccessOf(identity.principal);
  return identity;
}

absl::StatusOr<Principal> Authenticator::PrincipalOf(const Credentials& credentials) const {
  if (credentials.authorization.empty()) {
    if (credentials.certificate == nullptr) return Principal();
    return PrincipalOfCertificate(*credentials.certificate);
  }
  absl::string_view bearer = credentials.authorization;
  if (!absl::StartsWithIgnoreCase(bearer, "bearer ")) {
    return Unauthenticated(AuthFailure::kMalformed,
                           "the authorization header must be \"Bearer <token>\"");
  }
  bearer.remove_prefix(7);
  if (parts_.registry != nullptr && LooksLikeApiToken(bearer)) {
    return parts_.registry->Authenticate(bearer);
  }
  if (parts_.jwt != nullptr && LooksLikeJwt(bearer)) {
    NEXUS_ASSIGN_OR_RETURN(const PrincipalPtr principal, parts_.jwt->Verify(bearer));
    return *principal;
  }
  return parts_.configured.Authenticate(absl::StrCat("Bearer ", bearer));
}

absl::Status Authenticator::Recheck(const Principal& principal,
                                    const AccessRegistry::AccessPtr& access) const {
  if (!principal.token_id.empty()) {
    NEXUS_RETURN_IF_ERROR(parts_.registry->CheckStillUsable(principal.token_id));
  }
  if (parts_.jwt != nullptr) NEXUS_RETURN_IF_ERROR(parts_.jwt->CheckStillUsable(principal));
  if (access == nullptr) return absl::OkStatus();
  const AccessRegistry::AccessPtr now = parts_.registry->AccessOf(principal);
  if (now == access || *now == *access) return absl::OkStatus();
  return MakeError(ErrorReason::kNotReady,
                   "what this caller may do has changed; begin the call again");
}

}  // namespace nexus::identity
