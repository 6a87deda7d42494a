#pragma once

// What the server remembers of an API token. Its text is not among it.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "identity/operation.h"
#include "identity/principal.h"
#include "identity/selector.h"
#include "identity/tokens/api_token.h"
#include "nexus/core/position.h"

namespace nexus::identity {

// What of its principal's rights a token may use: these operations, there. Narrows, never widens.
struct TokenScope {
  OperationSet operations = OperationSet::All();
  Selector selector = {};

  friend bool operator==(const TokenScope&, const TokenScope&) = default;
};

struct TokenRecord {
  std::string id;
  std::string principal;
  TokenDigest digest = {};
  std::vector<std::string> roles = {};  // that it brings along, besides those of the principal
  TokenScope scope = {};
  std::optional<Timestamp> expires = {};  // nothing: never
  std::string comment = {};
  std::string created_by = {};
  Timestamp created = {};
  bool revoked = false;

  // Whether it may be used at `now`. UNAUTHENTICATED with REVOKED or EXPIRED.
  absl::Status CheckUsable(Timestamp now) const;
  Principal ToPrincipal() const;
};

using TokenRecordPtr = std::shared_ptr<const TokenRecord>;  // snapshots share what did not change

// Whether `text` is this token, and may be used. UNAUTHENTICATED otherwise; a wrong secret is told
// apart from an unknown id by nobody.
absl::Status CheckToken(const TokenRecord* record, absl::string_view text, Timestamp now);

}  // namespace nexus::identity
