#pragma once

// The events of the stream `$access`, byte for byte: docs/reference/access-events.md. Who did it
// and when stand on the event itself.

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "identity/access/role.h"
#include "identity/tokens/token_record.h"
#include "nexus/port/json_reader.h"

namespace nexus::identity {

inline constexpr char kAccessStream[] = "$access";
inline constexpr char kTokenCreatedType[] = "$token-created";
inline constexpr char kTokenRevokedType[] = "$token-revoked";
inline constexpr char kRoleDefinedType[] = "$role-defined";
inline constexpr char kRoleRemovedType[] = "$role-removed";
inline constexpr char kRoleBoundType[] = "$role-bound";
inline constexpr char kRoleUnboundType[] = "$role-unbound";

// What ends: a token, a role or a binding.
struct AccessEnded {
  std::string name;
  std::string comment;
};

std::string EncodeTokenCreated(const TokenRecord& token);
std::string EncodeRoleDefined(const Role& role);
std::string EncodeRoleBound(const RoleBinding& binding);
std::string EncodeAccessEnded(const AccessEnded& ended);

// DATA_LOSS if `data` is not such an event, or names an operation that this server does not know:
// rules that are half understood must not decide. Other members that are not known are passed over.
absl::StatusOr<TokenRecord> DecodeTokenCreated(absl::string_view data, JsonReader& json);
absl::StatusOr<Role> DecodeRoleDefined(absl::string_view data, JsonReader& json);
absl::StatusOr<RoleBinding> DecodeRoleBound(absl::string_view data, JsonReader& json);
absl::StatusOr<AccessEnded> DecodeAccessEnded(absl::string_view data, JsonReader& json);

}  // namespace nexus::identity
