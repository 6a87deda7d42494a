#pragma once

// Whether what is asked of the access registry makes sense by itself.

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "identity/access/access_snapshot.h"
#include "identity/access/role.h"
#include "identity/tokens/token_record.h"

namespace nexus::identity {

// 1 to 255 bytes of UTF-8 without control characters. MALFORMED_NAME, LIMIT_EXCEEDED, INVALID_UTF8.
absl::Status CheckAccessName(absl::string_view what, absl::string_view name);
absl::Status CheckAccessComment(absl::string_view comment);

// Of a change that ends what `what` ("token") calls by that name.
absl::Status CheckAccessEnd(absl::string_view what, absl::string_view name,
                            absl::string_view comment);

// All three also MALFORMED_REQUEST.
absl::Status CheckTokenRequest(const TokenRecord& token, Timestamp now);
absl::Status CheckRole(const Role& role);
// The group admin cannot be denied anything: nobody could take that back.
absl::Status CheckBinding(const RoleBinding& binding);

// MALFORMED_REQUEST if a binding or a token that may still be used names the role.
absl::Status CheckUnused(const AccessSnapshot& snapshot, absl::string_view role);
absl::Status BuiltInRole(absl::string_view role);

}  // namespace nexus::identity
