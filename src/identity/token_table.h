#pragma once

// The tokens of the configuration: which bearer is which principal.
//
// Only SHA-256 digests are kept, so that no memory image or debug output shows a token. Immutable
// after construction, hence thread-safe.

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "digest/sha256.h"
#include "identity/principal.h"

namespace nexus::identity {

struct TokenEntry {
  std::string token;
  Principal principal;
};

class TokenTable {
 public:
  explicit TokenTable(std::vector<TokenEntry> entries);

  // `authorization` is the value of the header, empty if there was none. Anonymous without one;
  // UNAUTHENTICATED for anything but "Bearer <known token>".
  absl::StatusOr<Principal> Authenticate(absl::string_view authorization) const;

 private:
  const absl::flat_hash_map<Sha256Digest, Principal> by_digest_;
};

}  // namespace nexus::identity
