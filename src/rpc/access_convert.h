#pragma once

// Tokens, roles and bindings between the wire and identity.

#include "absl/status/statusor.h"
#include "identity/access/access_registry.h"
#include "nexus/admin/v1/access.pb.h"

namespace nexus::rpc {

// MALFORMED_REQUEST: an operation that is not known; a binding of nobody, or of two.
absl::StatusOr<identity::CreateTokenRequest> ToTokenRequest(
    const admin::v1::CreateTokenRequest& request);
absl::StatusOr<identity::Role> ToRole(const admin::v1::Role& role);
absl::StatusOr<identity::RoleBinding> ToBinding(const admin::v1::RoleBinding& binding);

void FillToken(const identity::TokenRecord& token, admin::v1::Token& out);
void FillRole(const identity::Role& role, admin::v1::Role& out);
void FillBinding(const identity::RoleBinding& binding, admin::v1::RoleBinding& out);

}  // namespace nexus::rpc
