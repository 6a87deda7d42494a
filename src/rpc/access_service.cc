#include "rpc/access_service.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
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

std::vector<std::string> NamesOf(const identity::OperationSet& operations) {
  std::vector<std::string> names;
  for (const identity::Operation operation : operations.ToList()) {
    names.emplace_back(identity::OperationName(operation));
  }
  return names;
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

// Asks the policies; `change` runs with the stamp of what they said, if they said yes.
template <typename Call, typename Change>
void AccessService::Changing(Call call, const policy::AccessChangeFacts& facts, Change change) {
  parts_.engine.questions().AskAboutAccess(
      facts, call->caller(),
      [call, change = std::move(change)](absl::StatusOr<AdmissionStamp> stamp) mutable {
        if (call->Ready(stamp.status())) change(*std::move(stamp));
      });
}

void AccessService::CreateToken(
    UnaryPtr<admin::v1::CreateTokenRequest, admin::v1::CreateTokenResponse> call) {
  auto request = ToTokenRequest(call->request());
  if (!call->Ready(request.status())) return;
  const policy::AccessChangeFacts facts{.action = "create_token",
                                        .member = request->principal,
                                        .roles = request->roles,
                                        .operations = NamesOf(request->scope.operations),
                                        .expires = request->expires.has_value(),
                                        .comment = request->comment};
  Changing(call, facts, [this, call, request = *request](AdmissionStamp stamp) mutable {
    const auto fill = [](const identity::CreatedToken& token, auto& response) {
      FillToken(*token.record, *response.mutable_token());
      response.set_text(token.text);
    };
    parts_.access->CreateToken(std::move(request), std::move(stamp), Answer(call, fill));
  });
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
  const policy::AccessChangeFacts facts{
      .action = "revoke_token", .id = call->request().id(), .comment = call->request().comment()};
  Changing(call, facts, [this, call](AdmissionStamp stamp) {
    const auto fill = [](const identity::TokenRecordPtr& token, auto& response) {
      FillToken(*token, response);
    };
    parts_.access->RevokeToken(call->request().id(), call->request().comment(), std::move(stamp),
                               Answer(call, fill));
  });
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
  const policy::AccessChangeFacts facts{.action = "define_role",
                                        .roles = {role->name},
                                        .operations = NamesOf(role->operations),
                                        .system_streams = role->system_streams,
                                        .comment = role->comment};
  Changing(call, facts, [this, call, role = *role](AdmissionStamp stamp) mutable {
    parts_.access->DefineRole(std::move(role), std::move(stamp), Answer(call, FillRole));
  });
}

void AccessService::RemoveRole(UnaryPtr<admin::v1::RemoveRoleRequest, admin::v1::Role> call) {
  const policy::AccessChangeFacts facts{.action = "remove_role",
                                        .roles = {call->request().name()},
                                        .comment = call->request().comment()};
  Changing(call, facts, [this, call](AdmissionStamp stamp) {
    parts_.access->RemoveRole(call->request().name(), call->request().comment(), std::move(stamp),
                              Answer(call, FillRole));
  });
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
  const bool group = binding->member_kind == identity::MemberKind::kGroup;
  const std::string member = absl::StrCat(group ? "group:" : "", binding->member);
  const policy::AccessChangeFacts facts{.action = "create_role_binding",
                                        .member = member,
                                        .roles = {binding->role},
                                        .deny = binding->effect == identity::Effect::kDeny,
                                        .comment = binding->comment};
  Changing(call, facts, [this, call, binding = *binding](AdmissionStamp stamp) mutable {
    parts_.access->Bind(std::move(binding), std::move(stamp), Answer(call, FillBinding));
  });
}

void AccessService::DeleteRoleBinding(
    UnaryPtr<admin::v1::DeleteRoleBindingRequest, admin::v1::RoleBinding> call) {
  const policy::AccessChangeFacts facts{.action = "delete_role_binding",
                                        .id = call->request().id(),
                                        .comment = call->request().comment()};
  Changing(call, facts, [this, call](AdmissionStamp stamp) {
    parts_.access->Unbind(call->request().id(), call->request().comment(), std::move(stamp),
                          Answer(call, FillBinding));
  });
}

}  // namespace nexus::rpc
