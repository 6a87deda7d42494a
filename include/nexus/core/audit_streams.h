#pragma once

// The names of the streams that tell of refusals and of administrators, and of their events:
// docs/reference/audit-events.md. They are stored: they never change.

#include "absl/strings/string_view.h"

namespace nexus {

inline constexpr absl::string_view kDenialStream = "$denials";
inline constexpr absl::string_view kDenialType = "$denied";
inline constexpr absl::string_view kAuditStream = "$audit";
inline constexpr absl::string_view kAdminActionType = "$admin-action";
inline constexpr absl::string_view kAuthenticationFailedType = "$authentication-failed";
inline constexpr absl::string_view kBulkReadType = "$bulk-read";
inline constexpr absl::string_view kTemporalQueryType = "$temporal-query";

}  // namespace nexus
