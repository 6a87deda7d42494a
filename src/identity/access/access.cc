#include "identity/access/access.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::identity {

Access Access::Unlimited() {
  AccessMatcher all;
  all.Add(Effect::kAllow, OperationSet::All(), Selector(), /*system_streams=*/true);
  return Access(std::move(all), std::nullopt);
}

absl::Status AccessDenied(absl::string_view principal, Operation operation,
                          absl::string_view what) {
  ErrorDetails details;
  details.reason = ErrorReason::kAccessDenied;
  details.metadata = {{"principal", std::string(principal)},
                      {"operation", std::string(OperationName(operation))},
                      {"subject", std::string(what)}};
  return MakeError(absl::StrCat("no role of ", principal, " allows ", OperationName(operation),
                                what.empty() ? "" : " on ", what),
                   details);
}

}  // namespace nexus::identity
