#include "identity/access/role.h"

namespace nexus::identity {
namespace {

Role BuiltIn(absl::string_view name, OperationSet operations, absl::string_view comment,
             bool system_streams = false) {
  Role role;
  role.name = std::string(name);
  role.operations = operations;
  role.system_streams = system_streams;
  role.comment = std::string(comment);
  role.built_in = true;
  return role;
}

std::vector<Role> MakeBuiltInRoles() {
  using enum Operation;
  return {
      BuiltIn("admin", OperationSet::All(), "everything", /*system_streams=*/true),
      BuiltIn("writer", {kAppend, kExecute, kSchemaRead}, "appends events, executes commands"),
      BuiltIn("handler", {kHandle}, "decides commands in place of the server"),
      BuiltIn("reader", {kRead, kSubscribe, kQuery, kSchemaRead},
              "reads and subscribes to the streams of clients"),
      BuiltIn("schema-admin", {kSchemaRead, kSchemaWrite}, "registers and retires schemas"),
      BuiltIn("policy-admin", {kPolicyRead, kPolicyWrite}, "activates policies"),
      BuiltIn("operator",
              {kStatusRead, kMaintain, kDomainRead, kRouteRead, kRouteWrite, kReplay, kSchemaRead,
               kPolicyRead, kSnapshotWrite},
              "keeps the server running; reads no events"),
      BuiltIn("auditor",
              {kRead, kSubscribe, kQuery, kSchemaRead, kPolicyRead, kDomainRead, kRouteRead,
               kStatusRead, kAccessRead, kSnapshotRead},
              "reads everything, the server's own streams too; changes nothing",
              /*system_streams=*/true),
  };
}

}  // namespace

absl::Span<const Role> BuiltInRoles() {
  static const std::vector<Role>& roles = *new std::vector<Role>(MakeBuiltInRoles());
  return roles;
}

bool RoleBinding::SameRule(const RoleBinding& other) const {
  return member_kind == other.member_kind && member == other.member && role == other.role &&
         effect == other.effect && selector == other.selector;
}

}  // namespace nexus::identity
