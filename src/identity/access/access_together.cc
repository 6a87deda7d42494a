// Roles that change with other streams, in one commit.

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "identity/access/access_events.h"
#include "identity/access/access_registry.h"
#include "identity/access/access_request.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::identity {
namespace {

// Nothing: the role is so already.
absl::StatusOr<std::optional<governance::GovernanceStream::NewEvent>> EventOf(
    const RoleChange& change, const AccessSnapshot& now) {
  const Role* const known = now.FindRole(change.role.name);
  if (change.removed) {
    if (known == nullptr) return std::nullopt;
    if (known->built_in) return BuiltInRole(change.role.name);
    NEXUS_RETURN_IF_ERROR(CheckUnused(now, change.role.name));
    return governance::GovernanceStream::NewEvent{
        kRoleRemovedType, EncodeAccessEnded({change.role.name, change.comment})};
  }
  NEXUS_RETURN_IF_ERROR(CheckRole(change.role));
  if (known != nullptr && *known == change.role) return std::nullopt;
  if (known != nullptr && known->built_in) return BuiltInRole(change.role.name);
  return governance::GovernanceStream::NewEvent{kRoleDefinedType, EncodeRoleDefined(change.role)};
}

}  // namespace

governance::JointPart AccessRegistry::RolesTogether(WantedRoles wanted) {
  auto planned = std::make_shared<std::vector<RoleChange>>();  // shared by the two steps
  const auto plan = [this, wanted = std::move(wanted),
                     planned]() -> absl::StatusOr<std::vector<GovernanceStream::NewEvent>> {
    planned->clear();
    const SnapshotPtr now = Snapshot();
    NEXUS_ASSIGN_OR_RETURN(const std::vector<RoleChange> changes, wanted(*now));
    std::vector<GovernanceStream::NewEvent> events;
    size_t roles = now->roles().size();
    for (const RoleChange& change : changes) {
      NEXUS_ASSIGN_OR_RETURN(std::optional<GovernanceStream::NewEvent> event,
                             EventOf(change, *now));
      if (!event.has_value()) continue;
      if (!change.removed && now->FindRole(change.role.name) == nullptr) ++roles;
      events.push_back(*std::move(event));
      planned->push_back(change);
    }
    if (roles <= options_.roles_max || events.empty()) return events;
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("there may be ", options_.roles_max, " roles"));
  };
  const auto apply = [this, planned](Revision, Position, Timestamp) {
    Apply([&](AccessSnapshot& now) {
      for (const RoleChange& change : *planned) {
        if (change.removed) {
          now.RemoveRole(change.role.name);
        } else {
          now.SetRole(change.role);
        }
      }
    });
  };
  return {&stream_, plan, apply};
}

}  // namespace nexus::identity
