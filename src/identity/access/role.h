#pragma once

// Roles, and who has them where.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "identity/operation.h"
#include "identity/selector.h"
#include "nexus/core/position.h"

namespace nexus::identity {

struct Role {
  std::string name;
  OperationSet operations;
  // Where no stream is named it covers the server's own too ("$schemas" and so on).
  bool system_streams = false;
  std::string comment = {};
  bool built_in = false;

  friend bool operator==(const Role&, const Role&) = default;
};

// admin, writer, handler, reader, schema-admin, policy-admin, operator, auditor. They cannot be
// changed.
absl::Span<const Role> BuiltInRoles();

enum class MemberKind { kPrincipal, kGroup };
enum class Effect { kAllow, kDeny };

// "The members have (or must not use) what the role allows, there." A denial goes before every
// permission.
struct RoleBinding {
  std::string id;
  MemberKind member_kind = MemberKind::kPrincipal;
  std::string member;  // a principal's name; or a group, as in Principal::roles
  std::string role;
  Effect effect = Effect::kAllow;
  Selector selector = {};
  std::string comment = {};
  std::string created_by = {};
  Timestamp created = {};

  // The same rule, whatever its id and history.
  bool SameRule(const RoleBinding& other) const;
};

}  // namespace nexus::identity
