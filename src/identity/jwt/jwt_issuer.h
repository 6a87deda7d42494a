#pragma once

// Whose JSON Web Tokens are believed, and what they say about their bearers.

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "identity/jwt/jwk_set.h"
#include "identity/jwt/signature_algorithm.h"
#include "nexus/port/cache_counters.h"

namespace nexus::identity {

// A claim is named by its name, or below objects by a JSON pointer: "/realm_access/roles".
struct JwtIssuer {
  std::string issuer;                  // exactly the claim "iss"
  std::vector<std::string> audiences;  // one of which is in the claim "aud"
  AlgorithmSet algorithms = AlgorithmSet::All();
  std::string subject_claim = "sub";
  std::string principal_prefix = {};  // of names: two issuers may know two people by one name
  // A list of texts, or one text with spaces. Empty: tokens bring no roles along. Who may choose
  // the roles of a token can make himself an administrator.
  std::string roles_claim = {};
  KeySource* keys = nullptr;  // must outlive the verifier
};

struct JwtOptions {
  size_t bytes_max = 8 << 10;
  absl::Duration skew = absl::Seconds(60);  // by which clocks may differ
  // Longest life of a token; longer ones are refused. Zero: any.
  absl::Duration lifetime_max = absl::ZeroDuration();
  size_t cache_max = 10'000;  // tokens
  size_t roles_max = 100;
  CacheCounters cached = {};
};

}  // namespace nexus::identity
