#include "rpc/access_convert.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "rpc/convert.h"

namespace nexus::rpc {
namespace {

using identity::Operation;
using identity::OperationSet;

std::string KnownOperations() {
  return absl::StrJoin(OperationSet::All().ToList(), ", ",
                       [](std::string* out, Operation operation) {
                         absl::StrAppend(out, identity::OperationName(operation));
                       });
}

template <typename Names>
absl::StatusOr<OperationSet> ToOperations(const Names& names) {
  OperationSet set;
  for (const std::string& name : names) {
    const std::optional<Operation> operation = identity::ParseOperation(name);
    if (!operation.has_value()) {
      return MakeError(
          ErrorReason::kMalformedRequest,
          absl::StrCat("\"", name, "\" is no operation; there are ", KnownOperations()));
    }
    set.Add(*operation);
  }
  return set;
}

identity::Selector ToSelector(const admin::v1::Selector& in) {
  identity::Selector selector;
  selector.categories.assign(in.categories().begin(), in.categories().end());
  selector.stream_prefixes.assign(in.stream_prefixes().begin(), in.stream_prefixes().end());
  selector.event_types.assign(in.event_types().begin(), in.event_types().end());
  return selector;
}

void FillSelector(const identity::Selector& selector, admin::v1::Selector& out) {
  for (const std::string& category : selector.categories) out.add_categories(category);
  for (const std::string& prefix : selector.stream_prefixes) out.add_stream_prefixes(prefix);
  for (const std::string& type : selector.event_types) out.add_event_types(type);
}

template <typename Message>
void FillOperations(const OperationSet& operations, Message& out) {
  for (const Operation operation : operations.ToList()) {
    out.add_operations(std::string(identity::OperationName(operation)));
  }
}

}  // namespace

absl::StatusOr<identity::CreateTokenRequest> ToTokenRequest(
    const admin::v1::CreateTokenRequest& request) {
  identity::CreateTokenRequest token;
  token.principal = request.principal();
  token.roles.assign(request.roles().begin(), request.roles().end());
  if (request.operations_size() > 0) {
    NEXUS_ASSIGN_OR_RETURN(token.scope.operations, ToOperations(request.operations()));
  }
  token.scope.selector = ToSelector(request.selector());
  if (request.has_expire_time()) token.expires = ToTimestamp(request.expire_time());
  token.comment = request.comment();
  return token;
}

absl::StatusOr<identity::Role> ToRole(const admin::v1::Role& in) {
  identity::Role role;
  role.name = in.name();
  NEXUS_ASSIGN_OR_RETURN(role.operations, ToOperations(in.operations()));
  role.system_streams = in.system_streams();
  role.comment = in.comment();
  return role;
}

absl::StatusOr<identity::RoleBinding> ToBinding(const admin::v1::RoleBinding& in) {
  if (in.principal().empty() == in.group().empty()) {
    return MakeError(ErrorReason::kMalformedRequest,
                     "a role is bound to a principal or to a group");
  }
  identity::RoleBinding binding;
  const bool group = !in.group().empty();
  binding.member_kind = group ? identity::MemberKind::kGroup : identity::MemberKind::kPrincipal;
  binding.member = group ? in.group() : in.principal();
  binding.role = in.role();
  binding.effect = in.deny() ? identity::Effect::kDeny : identity::Effect::kAllow;
  binding.selector = ToSelector(in.selector());
  binding.comment = in.comment();
  return binding;
}

void FillToken(const identity::TokenRecord& token, admin::v1::Token& out) {
  out.set_id(token.id);
  out.set_principal(token.principal);
  for (const std::string& role : token.roles) out.add_roles(role);
  FillOperations(token.scope.operations, out);
  FillSelector(token.scope.selector, *out.mutable_selector());
  if (token.expires.has_value()) FillTimestamp(*token.expires, *out.mutable_expire_time());
  FillTimestamp(token.created, *out.mutable_create_time());
  out.set_created_by(token.created_by);
  out.set_comment(token.comment);
  out.set_revoked(token.revoked);
}

void FillRole(const identity::Role& role, admin::v1::Role& out) {
  out.set_name(role.name);
  FillOperations(role.operations, out);
  out.set_system_streams(role.system_streams);
  out.set_comment(role.comment);
  out.set_built_in(role.built_in);
}

void FillBinding(const identity::RoleBinding& binding, admin::v1::RoleBinding& out) {
  out.set_id(binding.id);
  if (binding.member_kind == identity::MemberKind::kGroup) {
    out.set_group(binding.member);
  } else {
    out.set_principal(binding.member);
  }
  out.set_role(binding.role);
  out.set_deny(binding.effect == identity::Effect::kDeny);
  FillSelector(binding.selector, *out.mutable_selector());
  out.set_comment(binding.comment);
  FillTimestamp(binding.created, *out.mutable_create_time());
  out.set_created_by(binding.created_by);
}

}  // namespace nexus::rpc
