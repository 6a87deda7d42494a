#include "identity/access/access.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "identity/unauthenticated.h"
#include "nexus/core/errors.h"

namespace nexus::identity {

absl::Status AccessDenied(const Principal& principal, Operation operation, absl::string_view what) {
  const absl::string_view name = OperationName(operation);
  if (!principal.authenticated) {
    return Unauthenticated(AuthFailure::kMissing,
                           absl::StrCat("credentials are needed to ", name,
                                        "; send a token (nexusctl: --token-file)"));
  }
  ErrorDetails details;
  details.reason = ErrorReason::kAccessDenied;
  details.metadata = {{"principal", principal.name},
                      {"operation", std::string(name)},
                      {"subject", std::string(what)}};
  return MakeError(absl::StrCat("no role of ", principal.name, " allows the operation ", name,
                                what.empty() ? "" : " on ", what),
                   details);
}

}  // namespace nexus::identity
