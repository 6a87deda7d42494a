#include "identity/token_table.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "identity/unauthenticated.h"

namespace nexus::identity {
namespace {

absl::flat_hash_map<Sha256Digest, Principal> ByDigest(std::vector<TokenEntry> entries) {
  absl::flat_hash_map<Sha256Digest, Principal> table;
  for (TokenEntry& entry : entries) {
    entry.principal.method = "token";
    entry.principal.authenticated = true;
    table[Sha256(entry.token)] = std::move(entry.principal);
  }
  return table;
}

}  // namespace

TokenTable::TokenTable(std::vector<TokenEntry> entries)
    : by_digest_(ByDigest(std::move(entries))) {}

absl::StatusOr<Principal> TokenTable::Authenticate(absl::string_view authorization) const {
  if (authorization.empty()) return Principal();
  absl::string_view token = authorization;
  if (!absl::ConsumePrefix(&token, "Bearer ") && !absl::ConsumePrefix(&token, "bearer ")) {
    return Unauthenticated(AuthFailure::kMalformed,
                           "the authorization header must be \"Bearer <token>\"");
  }
  const auto found = by_digest_.find(Sha256(token));
  if (found == by_digest_.end()) {
    return Unauthenticated(AuthFailure::kUnknown, "the token is not known to this server");
  }
  return found->second;
}

}  // namespace nexus::identity
