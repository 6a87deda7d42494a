// Roles, and who has them where: the client's part.

#include <string>
#include <vector>

#include "client/parts.h"
#include "client/status.h"
#include "nexus/client/client.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {
namespace {

template <typename Texts>
std::vector<std::string> TextsOf(const Texts& texts) {
  return {texts.begin(), texts.end()};
}

RoleInfo RoleOf(const admin::v1::Role& in) {
  return {in.name(), TextsOf(in.operations()), in.system_streams(), in.comment(), in.built_in()};
}

BindingInfo BindingOf(const admin::v1::RoleBinding& in) {
  constexpr int64_t kSecond = 1'000'000;
  BindingInfo out;
  out.id = in.id();
  out.principal = in.principal();
  out.group = in.group();
  out.role = in.role();
  out.deny = in.deny();
  out.categories = TextsOf(in.selector().categories());
  out.stream_prefixes = TextsOf(in.selector().stream_prefixes());
  out.event_types = TextsOf(in.selector().event_types());
  out.comment = in.comment();
  out.created = Timestamp{in.create_time().seconds() * kSecond + in.create_time().nanos() / 1'000};
  out.created_by = in.created_by();
  return out;
}

}  // namespace

absl::StatusOr<std::vector<RoleInfo>> Client::ListRoles() {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  admin::v1::ListRolesResponse response;
  NEXUS_RETURN_IF_ERROR(FromGrpc(parts_->access->ListRoles(call.context(), {}, &response)));
  std::vector<RoleInfo> roles;
  for (const admin::v1::Role& role : response.roles()) roles.push_back(RoleOf(role));
  return roles;
}

absl::StatusOr<RoleInfo> Client::DefineRole(const RoleInfo& role) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  admin::v1::DefineRoleRequest request;
  admin::v1::Role& out = *request.mutable_role();
  out.set_name(role.name);
  for (const std::string& operation : role.operations) out.add_operations(operation);
  out.set_system_streams(role.system_streams);
  out.set_comment(role.comment);
  admin::v1::Role response;
  NEXUS_RETURN_IF_ERROR(FromGrpc(parts_->access->DefineRole(call.context(), request, &response)));
  return RoleOf(response);
}

absl::StatusOr<RoleInfo> Client::RemoveRole(const std::string& name, const std::string& comment) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  admin::v1::RemoveRoleRequest request;
  request.set_name(name);
  request.set_comment(comment);
  admin::v1::Role response;
  NEXUS_RETURN_IF_ERROR(FromGrpc(parts_->access->RemoveRole(call.context(), request, &response)));
  return RoleOf(response);
}

absl::StatusOr<std::vector<BindingInfo>> Client::ListBindings(const std::string& member) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  admin::v1::ListRoleBindingsRequest request;
  request.set_member(member);
  admin::v1::ListRoleBindingsResponse response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->access->ListRoleBindings(call.context(), request, &response)));
  std::vector<BindingInfo> bindings;
  for (const auto& binding : response.role_bindings()) bindings.push_back(BindingOf(binding));
  return bindings;
}

absl::StatusOr<BindingInfo> Client::CreateBinding(const BindingInfo& binding) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  admin::v1::CreateRoleBindingRequest request;
  admin::v1::RoleBinding& out = *request.mutable_role_binding();
  out.set_principal(binding.principal);
  out.set_group(binding.group);
  out.set_role(binding.role);
  out.set_deny(binding.deny);
  admin::v1::Selector& selector = *out.mutable_selector();
  for (const std::string& category : binding.categories) selector.add_categories(category);
  for (const std::string& prefix : binding.stream_prefixes) selector.add_stream_prefixes(prefix);
  for (const std::string& type : binding.event_types) selector.add_event_types(type);
  out.set_comment(binding.comment);
  admin::v1::RoleBinding response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->access->CreateRoleBinding(call.context(), request, &response)));
  return BindingOf(response);
}

absl::StatusOr<BindingInfo> Client::DeleteBinding(const std::string& id,
                                                  const std::string& comment) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  admin::v1::DeleteRoleBindingRequest request;
  request.set_id(id);
  request.set_comment(comment);
  admin::v1::RoleBinding response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->access->DeleteRoleBinding(call.context(), request, &response)));
  return BindingOf(response);
}

}  // namespace nexus::client
