#include "domain/apply/domain_applier.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "declaration/fault_list.h"
#include "domain/apply/domain_application.h"
#include "engine/access_check.h"
#include "engine/denial_record.h"
#include "engine/principal_facts.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/policy_input.h"

namespace nexus::domain {

using route::RouteChange;
using route::RouteEvent;

void DomainApplier::Apply(DomainEvent event, const ApplyOptions& options, engine::Caller caller,
                          Done<ApplyOutcome> done) {
  auto application = std::make_shared<Application>();
  application->event = std::make_shared<DomainEvent>(std::move(event));
  application->options = options;
  application->caller = std::move(caller);
  application->done = std::move(done);
  // Schemas and code are compiled: nothing for a network's thread.
  if (!parts_.engine.workers().TrySubmit([this, application] { Begin(application); })) {
    application->done(MakeError(ErrorReason::kOverloaded, "the server has no worker free"));
  }
}

void DomainApplier::Begin(const ApplicationPtr& application) {
  Application& a = *application;
  // Who may not apply anything has nothing read; what is too large is not compiled.
  absl::Status first = engine::CheckServerAccess(a.caller, identity::Operation::kDomainWrite);
  if (first.ok()) first = parts_.book.CheckSize(a.event->package);
  if (!first.ok()) {
    return a.done(engine::WriteDenial(parts_.engine.ledger(), a.caller, "apply_domain", "",
                                      std::move(first)));
  }
  absl::StatusOr<PackageParts> parts = TakeApart(a.event->package, parts_.json);
  if (!parts.ok()) return a.done(parts.status());
  a.parts = *std::move(parts);
  const DomainBook::SnapshotPtr now = parts_.book.Snapshot();
  const auto found = now->domains().find(a.event->package.name);
  if (found != now->domains().end()) {
    a.old = found->second.package;
    if (auto before = TakeApart(*a.old, parts_.json); before.ok()) a.before = *std::move(before);
  }
  absl::Status fault = CheckAccess(a);
  if (fault.ok()) fault = CheckRoutes(a);
  if (fault.ok()) fault = CheckRoles(a);
  if (!fault.ok()) return a.done(std::move(fault));
  for (schema::PackageSchema& schema : a.parts.schemas) {
    schema.request.stamp.principal = a.caller.principal.name;
  }
  // Planned once before anybody is asked: what cannot be is refused first, and a dry run ends here.
  std::vector<governance::JointPart> joint = PartsOf(application);
  declaration::FaultList faults;
  for (governance::JointPart& part : joint) {
    const auto planned = part.plan();
    if (!planned.ok()) faults.Join(planned.status());
    // Whatever rests on schemas that cannot be would only say so again.
    if (!planned.ok() && &part == &joint.front()) break;
  }
  if (absl::Status wrong = faults.ToStatus(); !wrong.ok()) return a.done(std::move(wrong));
  DescribeSchemas(a);
  DescribeOthers(a);
  if (!a.options.validate_only) return AskAboutSchemas(application, 0);
  a.outcome.record.package = std::make_shared<const DomainPackage>(a.event->package);
  a.outcome.record.version = a.event->version;
  a.outcome.record.digest = DigestOf(a.event->package);
  if (a.event->version == 0 && found != now->domains().end()) a.outcome.record = found->second;
  a.done(std::move(a.outcome));
}

absl::Status DomainApplier::CheckAccess(const Application& a) const {
  absl::Status denied;
  for (const schema::PackageSchema& schema : a.parts.schemas) {
    if (!denied.ok()) break;
    denied = engine::CheckSubjectAccess(a.caller, identity::Operation::kSchemaWrite,
                                        schema.request.subject);
  }
  if (denied.ok()) denied = CheckAccessToParts(a);
  return engine::WriteDenial(parts_.engine.ledger(), a.caller, "apply_domain",
                             a.event->package.name, std::move(denied));
}

absl::Status DomainApplier::CheckAccessToParts(const Application& a) const {
  constexpr std::pair<Kind, identity::Operation> kNeeded[] = {
      {Kind::kRoute, identity::Operation::kRouteWrite},
      {Kind::kRole, identity::Operation::kAccessWrite},
      {Kind::kPolicy, identity::Operation::kPolicyWrite}};
  for (const auto& [kind, operation] : kNeeded) {
    if (!DeclaresAny(a.parts, kind) && !DeclaresAny(a.before, kind)) continue;
    NEXUS_RETURN_IF_ERROR(engine::CheckServerAccess(a.caller, operation));
  }
  return absl::OkStatus();
}

// Or who may not touch policies could take away those that came a moment ago.
absl::Status DomainApplier::CheckUnchanged(const Application& a) const {
  const std::string& name = a.event->package.name;
  const DomainBook::SnapshotPtr now = parts_.book.Snapshot();
  const auto found = now->domains().find(name);
  if ((found == now->domains().end() ? nullptr : found->second.package) == a.old) {
    return absl::OkStatus();
  }
  return MakeError(ErrorReason::kRevisionConflict,
                   absl::StrCat("the domain ", name, " was changed by somebody else meanwhile"));
}

absl::Status DomainApplier::CheckRoutes(const Application& a) const {
  declaration::FaultList faults;
  for (const DeclaredRoute& declared : a.parts.routes) {
    const absl::Status fault = parts_.routes == nullptr ? MakeError(ErrorReason::kUnimplemented,
                                                                    "this server routes nothing")
                                                        : parts_.check_sink(declared.route);
    if (!fault.ok()) faults.Add(declared.path, fault);
  }
  return faults.ToStatus();
}

// What a domain does not declare is not its own: it neither changes nor removes it.
absl::StatusOr<std::vector<RouteEvent>> DomainApplier::RouteEventsOf(
    const Application& a, const route::RouteState& routes) const {
  const absl::StatusOr<DomainRecord> now = parts_.book.Find(a.event->package.name, 0);
  PackageParts before;
  if (now.ok()) {
    if (auto taken = TakeApart(*now->package, parts_.json); taken.ok()) before = *std::move(taken);
  }
  declaration::FaultList faults;
  std::vector<RouteEvent> events;
  for (const DeclaredRoute& declared : a.parts.routes) {
    const route::RouteRecord* const there = routes.Find(declared.route.name);
    if (there != nullptr && !there->configured &&
        FindIn(before, Kind::kRoute, declared.route.name) == nullptr) {
      faults.Add(declared.path,
                 MakeError(ErrorReason::kMalformedRequest,
                           absl::StrCat("the route ", declared.route.name,
                                        " is declared already, and not by this domain; remove it "
                                        "there first")));
    }
    RouteEvent& event = events.emplace_back();
    event.change = RouteChange::kDeclared;
    event.name = declared.route.name;
    event.route = declared.route;
    event.comment = a.event->comment;
  }
  for (const DeclaredRoute& declared : before.routes) {
    if (FindIn(a.parts, Kind::kRoute, declared.route.name) != nullptr) continue;
    if (routes.Find(declared.route.name) == nullptr) continue;
    RouteEvent& event = events.emplace_back();
    event.change = RouteChange::kRemoved;
    event.name = declared.route.name;
    event.comment = a.event->comment;
  }
  NEXUS_RETURN_IF_ERROR(faults.ToStatus());
  return events;
}

std::vector<governance::JointPart> DomainApplier::PartsOf(const ApplicationPtr& application) {
  Application& a = *application;
  const std::string principal = a.caller.principal.name;
  // Weak, because the application holds what runs these.
  const std::weak_ptr<Application> weak = application;
  std::vector<governance::JointPart> joint;
  joint.push_back(parts_.engine.schemas().RegisterTogether(a.parts.schemas, a.planned));
  if (parts_.routes != nullptr) {
    joint.push_back(parts_.routes->ChangeTogether(WantedRoutes(weak), principal));
  }
  // Who declares no roles waits for nobody's change of access.
  if (parts_.access != nullptr && !(a.parts.roles.empty() && a.before.roles.empty())) {
    joint.push_back(parts_.access->RolesTogether(WantedRoles(weak)));
  }
  joint.push_back(parts_.book.ApplyTogether(
      a.event,
      [this, weak](const DomainState& next) -> absl::Status {
        const ApplicationPtr held = weak.lock();
        if (held == nullptr) return absl::CancelledError();
        NEXUS_RETURN_IF_ERROR(CheckUnchanged(*held));
        return CheckState(*held, next);
      },
      principal));
  return joint;
}

route::RouteBook::Wanted DomainApplier::WantedRoutes(std::weak_ptr<Application> weak) const {
  return [this, weak = std::move(weak)](
             const route::RouteState& routes) -> absl::StatusOr<std::vector<RouteEvent>> {
    const ApplicationPtr held = weak.lock();
    if (held == nullptr) return absl::CancelledError();
    return RouteEventsOf(*held, routes);
  };
}

// Each schema is a question of its own, as if it were registered alone; then the domain is one.
void DomainApplier::AskAboutSchemas(const ApplicationPtr& application, size_t next) {
  Application& a = *application;
  while (next < a.planned->size() && !(*a.planned)[next].is_new) ++next;
  if (next >= a.planned->size()) return AskAboutRoles(application, 0);
  const schema::SchemaRecord& record = *(*a.planned)[next].record;
  std::string input = policy::RegisterSchemaInput({.subject = record.subject,
                                                   .comment = record.comment,
                                                   .definition_bytes = record.definition.size(),
                                                   .format = record.format},
                                                  engine::FactsOf(a.caller.principal));
  const std::string subject = record.subject;
  parts_.engine.questions().Ask(
      "register_schema", std::move(input), a.caller,
      [this, application, next, subject](absl::StatusOr<AdmissionStamp> stamp) {
        if (stamp.ok()) return AskAboutSchemas(application, next + 1);
        application->done(engine::WriteDenial(parts_.engine.ledger(), application->caller,
                                              "register_schema", subject, stamp.status()));
      });
}

std::vector<std::string> DomainApplier::ActionsOf(const Application& a) {
  std::vector<std::string> actions;
  for (const auto& [kind, name] :
       {std::pair(Kind::kRoute, "route"), std::pair(Kind::kPolicy, "policy")}) {
    for (const Declared& declared : a.parts.all) {
      if (declared.kind == kind) actions.push_back(absl::StrCat("apply_", name));
    }
    for (const Declared& declared : a.before.all) {
      if (declared.kind != kind || FindIn(a.parts, kind, declared.name) != nullptr) continue;
      actions.push_back(absl::StrCat("remove_", name));
    }
  }
  actions.emplace_back(a.event->removed ? "remove_domain" : "apply_domain");
  return actions;
}

void DomainApplier::AskInTurn(std::vector<std::string> actions, ApplicationPtr application,
                              Done<AdmissionStamp> done) {
  const std::string action = std::move(actions.front());
  actions.erase(actions.begin());
  const engine::Caller caller = application->caller;
  parts_.engine.questions().AskAboutAdminChange(
      action, caller,
      [this, actions = std::move(actions), application = std::move(application),
       done = std::move(done)](absl::StatusOr<AdmissionStamp> stamp) mutable {
        if (!stamp.ok() || actions.empty()) return done(std::move(stamp));
        AskInTurn(std::move(actions), std::move(application), std::move(done));
      });
}

void DomainApplier::Commit(const ApplicationPtr& application) {
  governance::CommitTogether(parts_.joint, PartsOf(application), application->stamp,
                             [this, application](governance::JointOutcome outcome) {
                               Settle(application, std::move(outcome));
                             });
}

void DomainApplier::Settle(const ApplicationPtr& application, governance::JointOutcome outcome) {
  Application& a = *application;
  if (AuditLedger* ledger = parts_.engine.ledger()) {
    ledger->Record(
        engine::AdminAction(a.caller, "apply_domain", a.event->package.name, outcome.status()));
  }
  if (!outcome.ok()) return a.done(outcome.status());
  if (outcome->has_value()) {
    a.outcome.position = (*outcome)->last;
    if (parts_.routes != nullptr) parts_.routes->TellListener();
  }
  // By its version: another change may have come since.
  absl::StatusOr<DomainRecord> record = parts_.book.Find(a.event->package.name, a.event->version);
  if (!record.ok()) return a.done(record.status());
  a.outcome.record = *std::move(record);
  a.done(std::move(a.outcome));
}

}  // namespace nexus::domain
