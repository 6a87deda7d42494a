#include "identity/access/access_snapshot.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace nexus::identity {

AccessSnapshot::AccessSnapshot() {
  for (const Role& role : BuiltInRoles()) roles_.emplace(role.name, role);
}

TokenRecordPtr AccessSnapshot::FindToken(absl::string_view id) const {
  const auto found = tokens_.find(id);
  return found == tokens_.end() ? nullptr : found->second;
}

const Role* AccessSnapshot::FindRole(absl::string_view name) const {
  const auto found = roles_.find(std::string(name));
  return found == roles_.end() ? nullptr : &found->second;
}

const RoleBinding* AccessSnapshot::FindBinding(absl::string_view id) const {
  const auto found = bindings_.find(std::string(id));
  return found == bindings_.end() ? nullptr : &found->second;
}

std::string AccessSnapshot::FindSameRule(const RoleBinding& binding) const {
  for (const auto& [id, known] : bindings_) {
    if (known.SameRule(binding)) return id;
  }
  return "";
}

void AccessSnapshot::SetToken(TokenRecord token) {
  std::string id = token.id;
  tokens_[std::move(id)] = std::make_shared<const TokenRecord>(std::move(token));
}

bool AccessSnapshot::RevokeToken(absl::string_view id) {
  const auto found = tokens_.find(id);
  if (found == tokens_.end()) return false;
  TokenRecord revoked = *found->second;
  revoked.revoked = true;
  found->second = std::make_shared<const TokenRecord>(std::move(revoked));
  return true;
}

void AccessSnapshot::SetRole(Role role) {
  std::string name = role.name;
  roles_[std::move(name)] = std::move(role);
}

bool AccessSnapshot::RemoveRole(absl::string_view name) {
  return roles_.erase(std::string(name)) > 0;
}

void AccessSnapshot::SetBinding(RoleBinding binding) {
  std::string id = binding.id;
  bindings_[std::move(id)] = std::move(binding);
}

bool AccessSnapshot::RemoveBinding(absl::string_view id) {
  return bindings_.erase(std::string(id)) > 0;
}

Access AccessSnapshot::Compile(const Principal& principal) const {
  AccessMatcher matcher;
  for (const std::string& name : principal.roles) {
    const Role* role = FindRole(name);
    if (role == nullptr) continue;
    matcher.Add(Effect::kAllow, role->operations, Selector(), role->system_streams);
  }
  for (const auto& [id, binding] : bindings_) {
    const bool is_member = binding.member_kind == MemberKind::kPrincipal
                               ? binding.member == principal.name
                               : std::find(principal.roles.begin(), principal.roles.end(),
                                           binding.member) != principal.roles.end();
    const Role* role = is_member ? FindRole(binding.role) : nullptr;
    if (role == nullptr) continue;
    // A denial that names no stream means every one: it must not miss the server's own.
    const bool system = role->system_streams || binding.effect == Effect::kDeny;
    matcher.Add(binding.effect, role->operations, binding.selector, system);
  }
  std::optional<AccessMatcher> scope;
  if (!principal.token_id.empty()) {
    scope.emplace();  // of a token that has gone: nothing
    if (const TokenRecordPtr token = FindToken(principal.token_id)) {
      scope->Add(Effect::kAllow, token->scope.operations, token->scope.selector,
                 /*system_streams=*/true);
    }
  }
  return Access(std::move(matcher), std::move(scope));
}

}  // namespace nexus::identity
