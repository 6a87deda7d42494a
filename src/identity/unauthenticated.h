#pragma once

// Why a caller is not believed. The cause is for programs, and for the audit; it never holds any
// part of the credentials.

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nexus::identity {

enum class AuthFailure {
  kMissing,    // no credentials where some are needed
  kMalformed,  // not a token at all, or larger than any may be
  kUnknown,    // no such token
  kRevoked,
  kExpired,
  kNotYetValid,  // nbf or iat lie ahead
  kAlgorithm,    // of a signature: not one of those allowed
  kKey,          // no key of the issuer has that id
  kSignature,
  kIssuer,
  kAudience,
  kClaims,           // a claim is missing or of the wrong kind
  kKeysUnavailable,  // the issuer's keys could not be had yet
};

// "EXPIRED": ErrorInfo.metadata "cause".
absl::string_view AuthFailureName(AuthFailure failure);

// UNAUTHENTICATED; of kKeysUnavailable NOT_READY, since the same credentials may pass later.
absl::Status Unauthenticated(AuthFailure failure, absl::string_view message);

}  // namespace nexus::identity
