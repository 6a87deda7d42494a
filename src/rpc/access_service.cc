#include "rpc/access_service.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "rpc/access_convert.h"
#include "rpc/service_names.h"

namespace nexus::rpc {
namespace {

// Answers with what `fill` makes of the outcome.
template <typename Call, typename Fill>
auto Answer(Call call, Fill fill) {
  return [call, fill](auto outcome) {
    if (outcome.ok()) fill(*outcome, call->response());
    call->Finish(outcome.status());
  };
}

}  // namespace

void AccessService::AddTo(MethodTable& table) {
  using Self = AccessService;
  const auto add = [&](absl::string_view method, Method begins) {
    table.Add(kAccessService, method, std::move(begins));
  };
  add("CreateToken", Unary(parts_, *this, &Self::CreateToken));
  add("ListTokens", Unary(parts_, *this, &Self::ListTokens));
  add("RevokeToken", Unary(parts_, *this, &Self::RevokeToken));
  add("ListRoles", Unary(parts_, *this, &Self::ListRoles));
  add("DefineRole", Unary(parts_, *this, &Self::DefineRole));
  add("RemoveRole", Unary(parts_, *this, &Self::RemoveRole));
  add("ListRoleBindings", Unary(parts_, *this, &Self::ListRoleBindings));
  add("CreateRoleBinding", Unary(parts_, *this, &Self::CreateRoleBinding));
  add("DeleteRoleBinding", Unary(parts_, *this, &Self::DeleteRoleBinding));
}

AdmissionStamp AccessService::StampOf(const engine::Caller& caller) const {
  AdmissionStamp stamp;
  stamp.principal = caller.principal.name;
  stamp.governance_epoch = parts_.engine.schemas().GovernanceEpoch();
  return stamp;
}

void AccessService::CreateToken(
    UnaryPtr<admin::v1::CreateTokenRequest, admin::v1::CreateTokenResponse> call) {
  auto request = ToTokenRequest(call->request());
  if (!call->Ready(request.status())) return;
  parts_.access->CreateToken(*std::move(request), StampOf(call->caller()),
                             Answer(call, [](const identity::CreatedToken& token, auto& response) {
                               FillToken(*token.record, *response.mutable_token());
                               response.set_text(token.text);
                             }));
}

void AccessService::ListTokens(
    UnaryPtr<admin::v1::ListTokensRequest, admin::v1::ListTokensResponse> call) {
  const identity::AccessRegistry::SnapshotPtr now = parts_.access->Snapshot();
  std::vector<const identity::TokenRecord*> tokens;
  for (const auto& [id, token] : now->tokens()) {
    const std::string& wanted = call->request().principal();
    if (wanted.empty() || token->principal == wanted) tokens.push_back(token.get());
  }
  std::sort(tokens.begin(), tokens.end(), [](const auto* a, const auto* b) {
    return std::tie(a->principal, a->id) < std::tie(b->principal, b->id);
  });
  for (const auto* token : tokens) FillToken(*token, *call->response().add_tokens());
  call->Finish(absl::OkStatus());
}

void AccessService::RevokeToken(UnaryPtr<admin::v1::RevokeTokenRequest, admin::v1::Token> call) {
  parts_.access->RevokeToken(call->request().id(), call->request().comment(),
                             StampOf(call->caller()),
                             Answer(call, [](const identity::TokenRecordPtr& token,
                                             auto& response) { FillToken(*token, response); }));
}

void AccessService::ListRoles(
    UnaryPtr<admin::v1::ListRolesRequest, admin::v1::ListRolesResponse> call) {
  for (const auto& [name, role] : parts_.access->Snapshot()->roles()) {
    FillRole(role, *call->response().add_roles());
  }
  call->Finish(absl::OkStatus());
}

void AccessService::DefineRole(UnaryPtr<admin::v1::DefineRoleRequest, admin::v1::Role> call) {
  auto role = ToRole(call->request().role());
  if (!call->Ready(role.status())) return;
  parts_.access->DefineRole(*std::move(role), StampOf(call->caller()), Answer(call, FillRole));
}

void AccessService::RemoveRole(UnaryPtr<admin::v1::RemoveRoleRequest, admin::v1::Role> call) {
  parts_.access->RemoveRole(call->request().name(), call->request().comment(),
                            StampOf(call->caller()), Answer(call, FillRole));
}

void AccessService::ListRoleBindings(
    UnaryPtr<admin::v1::ListRoleBindingsRequest, admin::v1::ListRoleBindingsResponse> call) {
  const std::string& wanted = call->request().member();
  for (const auto& [id, binding] : parts_.access->Snapshot()->bindings()) {
    if (!wanted.empty() && binding.member != wanted) continue;
    FillBinding(binding, *call->response().add_role_bindings());
  }
  call->Finish(absl::OkStatus());
}

void AccessService::CreateRoleBinding(
    UnaryPtr<admin::v1::CreateRoleBindingRequest, admin::v1::RoleBinding> call) {
  auto binding = ToBinding(call->request().role_binding());
  if (!call->Ready(binding.status())) return;
  parts_.access->Bind(*std::move(binding), StampOf(call->caller()), Answer(call, FillBinding));
}

void AccessService::DeleteRoleBinding(
    UnaryPtr<admin::v1::DeleteRoleBindingRequest, admin::v1::RoleBinding> call) {
  parts_.access->Unbind(call->request().id(), call->request().comment(), StampOf(call->caller()),
                        Answer(call, FillBinding));
}

}  // namespace nexus::rpc
