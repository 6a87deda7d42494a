#pragma once

// The folded state of `$access` at one moment: tokens, roles and bindings. Decides nothing by
// itself; Compile() makes what decides.
//
// A plain value; copies share the records of tokens.

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "identity/access/access.h"
#include "identity/access/role.h"
#include "identity/principal.h"
#include "identity/tokens/token_record.h"

namespace nexus::identity {

class AccessSnapshot {
 public:
  // The built-in roles and nothing else.
  AccessSnapshot();

  // Null if it is not there. Those revoked and expired are.
  TokenRecordPtr FindToken(absl::string_view id) const;
  const Role* FindRole(absl::string_view name) const;
  const RoleBinding* FindBinding(absl::string_view id) const;
  // The id of a binding that says the same; empty if there is none.
  std::string FindSameRule(const RoleBinding& binding) const;

  const absl::flat_hash_map<std::string, TokenRecordPtr>& tokens() const { return tokens_; }
  const std::map<std::string, Role>& roles() const { return roles_; }
  const std::map<std::string, RoleBinding>& bindings() const { return bindings_; }
  // Nobody has been given anything yet: the server has just been set up.
  bool untouched() const { return tokens_.empty() && bindings_.empty(); }

  void SetToken(TokenRecord token);
  // These three: false if it is not there.
  bool RevokeToken(absl::string_view id);
  void SetRole(Role role);
  bool RemoveRole(absl::string_view name);
  void SetBinding(RoleBinding binding);
  bool RemoveBinding(absl::string_view id);

  // What the principal may do. Roles that are not defined allow nothing.
  Access Compile(const Principal& principal) const;

 private:
  absl::flat_hash_map<std::string, TokenRecordPtr> tokens_;
  std::map<std::string, Role> roles_;
  std::map<std::string, RoleBinding> bindings_;
};

}  // namespace nexus::identity
