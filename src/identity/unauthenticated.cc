#include "identity/unauthenticated.h"

#include <string>

#include "absl/time/time.h"
#include "nexus/core/errors.h"

namespace nexus::identity {

absl::string_view AuthFailureName(AuthFailure failure) {
  switch (failure) {
    case AuthFailure::kMissing:
      return "MISSING";
    case AuthFailure::kMalformed:
      return "MALFORMED";
    case AuthFailure::kUnknown:
      return "UNKNOWN";
    case AuthFailure::kRevoked:
      return "REVOKED";
    case AuthFailure::kExpired:
      return "EXPIRED";
    case AuthFailure::kNotYetValid:
      return "NOT_YET_VALID";
    case AuthFailure::kAlgorithm:
      return "ALGORITHM";
    case AuthFailure::kKey:
      return "KEY";
    case AuthFailure::kSignature:
      return "SIGNATURE";
    case AuthFailure::kIssuer:
      return "ISSUER";
    case AuthFailure::kAudience:
      return "AUDIENCE";
    case AuthFailure::kClaims:
      return "CLAIMS";
    case AuthFailure::kKeysUnavailable:
      return "KEYS_UNAVAILABLE";
  }
  return "UNKNOWN";
}

absl::Status Unauthenticated(AuthFailure failure, absl::string_view message) {
  ErrorDetails details;
  details.reason = ErrorReason::kUnauthenticated;
  if (failure == AuthFailure::kKeysUnavailable) {
    details.reason = ErrorReason::kNotReady;
    details.retry_after = absl::Seconds(1);
  }
  details.metadata.emplace_back("cause", std::string(AuthFailureName(failure)));
  return MakeError(message, details);
}

}  // namespace nexus::identity
