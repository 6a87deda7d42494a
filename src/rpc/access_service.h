#pragma once

// nexus.admin.v1.AccessService over the access registry.

#include "nexus/admin/v1/access.pb.h"
#include "rpc/call_context.h"
#include "rpc/transport/method_table.h"
#include "rpc/unary.h"

namespace nexus::rpc {

class AccessService {
 public:
  explicit AccessService(const ServiceParts& parts) : parts_(parts) {}

  void AddTo(MethodTable& table);

 private:
  void CreateToken(UnaryPtr<admin::v1::CreateTokenRequest, admin::v1::CreateTokenResponse> call);
  void ListTokens(UnaryPtr<admin::v1::ListTokensRequest, admin::v1::ListTokensResponse> call);
  void RevokeToken(UnaryPtr<admin::v1::RevokeTokenRequest, admin::v1::Token> call);
  void ListRoles(UnaryPtr<admin::v1::ListRolesRequest, admin::v1::ListRolesResponse> call);
  void DefineRole(UnaryPtr<admin::v1::DefineRoleRequest, admin::v1::Role> call);
  void RemoveRole(UnaryPtr<admin::v1::RemoveRoleRequest, admin::v1::Role> call);
  void ListRoleBindings(
      UnaryPtr<admin::v1::ListRoleBindingsRequest, admin::v1::ListRoleBindingsResponse> call);
  void CreateRoleBinding(
      UnaryPtr<admin::v1::CreateRoleBindingRequest, admin::v1::RoleBinding> call);
  void DeleteRoleBinding(
      UnaryPtr<admin::v1::DeleteRoleBindingRequest, admin::v1::RoleBinding> call);

  template <typename Call, typename Change>
  void Changing(Call call, const policy::AccessChangeFacts& facts, Change change);

  const ServiceParts parts_;
};

}  // namespace nexus::rpc
