// A domain that goes: its aggregates, routes, roles and policies, not its schemas and events.

#include <utility>

#include "domain/apply/domain_application.h"
#include "engine/access_check.h"
#include "engine/denial_record.h"
#include "nexus/core/status_macros.h"

namespace nexus::domain {

void DomainApplier::Remove(std::string name, std::string comment, engine::Caller caller,
                           Done<DomainRecord> done) {
  absl::Status denied = engine::CheckServerAccess(caller, identity::Operation::kDomainWrite);
  if (!denied.ok()) {
    return done(engine::WriteDenial(parts_.engine.ledger(), caller, "remove_domain", name,
                                    std::move(denied)));
  }
  auto application = std::make_shared<Application>();
  application->event = std::make_shared<DomainEvent>();
  application->event->removed = true;
  application->event->package.name = std::move(name);
  application->event->comment = std::move(comment);
  application->caller = std::move(caller);
  const std::vector<DomainRecord> history = parts_.book.History(application->event->package.name);
  if (!history.empty() && !history.back().removed) {
    auto before = TakeApart(*history.back().package, parts_.json);
    if (before.ok()) application->before = *std::move(before);
    application->old = history.back().package;
  }
  denied = CheckAccessToParts(*application);
  if (!denied.ok()) {
    return done(engine::WriteDenial(parts_.engine.ledger(), application->caller, "remove_domain",
                                    application->event->package.name, std::move(denied)));
  }
  AskInTurn(
      ActionsOf(*application), application,
      [this, application, done = std::move(done)](absl::StatusOr<AdmissionStamp> stamp) mutable {
        if (!stamp.ok()) return done(stamp.status());
        const std::string principal = application->caller.principal.name;
        std::vector<governance::JointPart> joint;
        if (parts_.routes != nullptr) {
          joint.push_back(parts_.routes->ChangeTogether(WantedRoutes(application), principal));
        }
        if (parts_.access != nullptr && !application->before.roles.empty()) {
          joint.push_back(parts_.access->RolesTogether(WantedRoles(application)));
        }
        governance::JointPart& last =
            joint.emplace_back(parts_.book.RemoveTogether(application->event, principal));
        last.plan = [this, application, plan = std::move(last.plan)]() mutable
            -> absl::StatusOr<std::vector<governance::GovernanceStream::NewEvent>> {
          NEXUS_RETURN_IF_ERROR(CheckUnchanged(*application));
          return plan();
        };
        governance::CommitTogether(
            parts_.joint, std::move(joint), *std::move(stamp),
            [this, application, done = std::move(done)](governance::JointOutcome outcome) mutable {
              const std::string& gone = application->event->package.name;
              if (AuditLedger* ledger = parts_.engine.ledger()) {
                ledger->Record(engine::AdminAction(application->caller, "remove_domain", gone,
                                                   outcome.status()));
              }
              if (!outcome.ok()) return done(outcome.status());
              if (parts_.routes != nullptr) parts_.routes->TellListener();
              done(parts_.book.Find(gone, application->event->version));
            });
      });
}

}  // namespace nexus::domain
