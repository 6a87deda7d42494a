// The roles of a domain, on their way into the log.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "declaration/fault_list.h"
#include "domain/apply/domain_application.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::domain {

using identity::RoleChange;

absl::Status DomainApplier::CheckRoles(const Application& a) const {
  if (parts_.access != nullptr) return absl::OkStatus();
  declaration::FaultList faults;
  for (const DeclaredRole& declared : a.parts.roles) {
    faults.Add(declared.path, MakeError(ErrorReason::kUnimplemented, "this server keeps no roles"));
  }
  return faults.ToStatus();
}

// What a domain does not declare is not its own: it neither changes nor removes it.
absl::StatusOr<std::vector<RoleChange>> DomainApplier::RoleChangesOf(
    const Application& a, const identity::AccessSnapshot& access) const {
  const absl::StatusOr<DomainRecord> now = parts_.book.Find(a.event->package.name, 0);
  PackageParts before;
  if (now.ok()) {
    if (auto taken = TakeApart(*now->package, parts_.json); taken.ok()) before = *std::move(taken);
  }
  declaration::FaultList faults;
  std::vector<RoleChange> changes;
  for (const DeclaredRole& declared : a.parts.roles) {
    const std::string& name = declared.role.name;
    const identity::Role* const there = access.FindRole(name);
    if (there != nullptr && !there->built_in && FindIn(before, Kind::kRole, name) == nullptr) {
      faults.Add(declared.path,
                 MakeError(ErrorReason::kMalformedRequest,
                           absl::StrCat("the role ", name,
                                        " is defined already, and not by this domain; remove it "
                                        "there first")));
    }
    changes.push_back({declared.role});
  }
  for (const DeclaredRole& declared : before.roles) {
    if (FindIn(a.parts, Kind::kRole, declared.role.name) != nullptr) continue;
    changes.push_back({declared.role, true, a.event->comment});
  }
  NEXUS_RETURN_IF_ERROR(faults.ToStatus());
  return changes;
}

identity::AccessRegistry::WantedRoles DomainApplier::WantedRoles(
    std::weak_ptr<Application> weak) const {
  return [this, weak = std::move(weak)](
             const identity::AccessSnapshot& access) -> absl::StatusOr<std::vector<RoleChange>> {
    const ApplicationPtr held = weak.lock();
    if (held == nullptr) return absl::CancelledError();
    return RoleChangesOf(*held, access);
  };
}

// As if each were defined or removed alone; then the rest is next.
void DomainApplier::AskAboutRoles(const ApplicationPtr& application, size_t next) {
  Application& a = *application;
  const size_t declared = a.parts.roles.size();
  if (next == declared + a.before.roles.size()) {
    return AskInTurn(ActionsOf(a), application,
                     [this, application](absl::StatusOr<AdmissionStamp> stamp) {
                       if (!stamp.ok()) return application->done(stamp.status());
                       application->stamp = *std::move(stamp);
                       Commit(application);
                     });
  }
  const bool removed = next >= declared;
  const identity::Role& role =
      removed ? a.before.roles[next - declared].role : a.parts.roles[next].role;
  if (removed && FindIn(a.parts, Kind::kRole, role.name) != nullptr) {
    return AskAboutRoles(application, next + 1);
  }
  policy::AccessChangeFacts facts{.action = removed ? "remove_role" : "define_role",
                                  .roles = {role.name}};
  if (removed) {
    facts.comment = a.event->comment;
  } else {
    for (const identity::Operation operation : role.operations.ToList()) {
      facts.operations.emplace_back(identity::OperationName(operation));
    }
    facts.system_streams = role.system_streams;
    facts.comment = role.comment;
  }
  parts_.engine.questions().AskAboutAccess(
      facts, a.caller, [this, application, next](absl::StatusOr<AdmissionStamp> stamp) {
        if (!stamp.ok()) return application->done(stamp.status());
        AskAboutRoles(application, next + 1);
      });
}

}  // namespace nexus::domain
