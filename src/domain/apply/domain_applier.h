#pragma once

// Applies domains: takes a package apart, checks all of it, and puts schemas, routes, roles,
// aggregates, upcasters and policies into the log in one commit.
//
// Thread-safe. The parts must outlive it and every callback. Callbacks run on the executor or on a
// thread of the log and must not block.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "domain/apply/package_parts.h"
#include "domain/book/domain_book.h"
#include "domain/domain_state.h"
#include "domain/upcast/upcast_trial.h"
#include "engine/engine.h"
#include "governance/joint_commit.h"
#include "identity/access/access_registry.h"
#include "nexus/port/json_reader.h"
#include "route/book/route_book.h"

namespace nexus::domain {

enum class ChangeKind { kCreate, kUpdate, kUnchanged, kRemove };

struct DomainChange {
  ChangeKind change = ChangeKind::kUnchanged;
  Kind kind = Kind::kSchema;
  std::string name;
  std::string path = {};
  std::string before = {};
  std::string after = {};
  std::string detail = {};
};

struct ApplyOutcome {
  std::vector<DomainChange> changes;
  DomainRecord record;
  Position position;  // of the last event that was stored; 0: none had to be
};

struct DomainApplierParts {
  engine::Engine& engine;
  DomainBook& book;
  route::RouteBook* routes = nullptr;          // null: nothing is routed
  identity::AccessRegistry* access = nullptr;  // null: there are no roles
  JsonReader& json;
  governance::JointCommitParts joint;
  // Whether a sink could be made of it.
  std::function<absl::Status(const route::RouteDeclaration&)> check_sink;
  // Whether the code can be loaded; runs on a worker.
  std::function<absl::Status(const AggregateRecord&)> check_aggregate;
  std::function<absl::Status(const UpcasterRecord&)> check_upcaster;
  // Whether its bundle can decide; runs on a worker.
  std::function<absl::Status(const PolicyRecord&)> check_policy;
  // TryUpcaster(), with what it stands on.
  std::function<absl::StatusOr<TrialOutcome>(
      const UpcasterRecord&, const DomainState&, absl::Span<const schema::SchemaRecordPtr>,
      const TrialOptions&, const std::function<bool()>& cancelled)>
      try_upcaster;
};

struct ApplyOptions {
  bool validate_only = false;  // nothing is asked of policies and nothing is stored
  uint64_t sample = 1'000;     // stored events that each upcaster is tried with; 0: all
};

class DomainApplier {
 public:
  template <typename T>
  using Done = absl::AnyInvocable<void(absl::StatusOr<T>)>;

  explicit DomainApplier(const DomainApplierParts& parts) : parts_(parts) {}

  // DomainService.ApplyDomain.
  void Apply(DomainEvent event, const ApplyOptions& options, engine::Caller caller,
             Done<ApplyOutcome> done);
  // DomainService.RemoveDomain.
  void Remove(std::string name, std::string comment, engine::Caller caller,
              Done<DomainRecord> done);

  DomainBook& book() { return parts_.book; }

 private:
  struct Application;
  using ApplicationPtr = std::shared_ptr<Application>;

  void Begin(const ApplicationPtr& application);
  // To what the package holds or held, beside domains.
  absl::Status CheckAccess(const Application& application) const;
  absl::Status CheckAccessToParts(const Application& application) const;
  // REVISION_CONFLICT: the domain is no more what all was asked about.
  absl::Status CheckUnchanged(const Application& application) const;
  absl::Status CheckRoutes(const Application& application) const;
  absl::Status CheckRoles(const Application& application) const;
  absl::StatusOr<std::vector<identity::RoleChange>> RoleChangesOf(
      const Application& application, const identity::AccessSnapshot& access) const;
  identity::AccessRegistry::WantedRoles WantedRoles(std::weak_ptr<Application> weak) const;
  absl::Status CheckState(Application& application, const DomainState& next) const;
  absl::Status CheckAggregate(const Application& application, const AggregateRecord& record) const;
  absl::Status CheckUpcaster(Application& application, const UpcasterRecord& record,
                             const DomainState& next) const;
  absl::Status CheckPolicy(Application& application, const PolicyRecord& record) const;
  absl::Status TryStored(Application& application, const UpcasterRecord& record,
                         const DomainState& next) const;
  std::vector<governance::JointPart> PartsOf(const ApplicationPtr& application);
  absl::StatusOr<std::vector<route::RouteEvent>> RouteEventsOf(
      const Application& application, const route::RouteState& routes) const;
  route::RouteBook::Wanted WantedRoutes(std::weak_ptr<Application> weak) const;
  void AskAboutSchemas(const ApplicationPtr& application, size_t next);
  void AskAboutRoles(const ApplicationPtr& application, size_t next);
  // What else is to be asked about: routes and policies, then the domain itself.
  static std::vector<std::string> ActionsOf(const Application& application);
  // One after the other, each as if it came alone. `done` gets the first refusal, or the stamp of
  // the last.
  void AskInTurn(std::vector<std::string> actions, ApplicationPtr application,
                 Done<AdmissionStamp> done);
  void Commit(const ApplicationPtr& application);
  void Settle(const ApplicationPtr& application, governance::JointOutcome outcome);
  void DescribeSchemas(Application& application) const;
  void DescribeOthers(Application& application) const;
  DomainChange Describe(const Application& application, const Declared& declared) const;
  DomainChange DescribeText(const Application& application, const Declared& declared) const;
  void DescribePolicy(const Application& application, DomainChange& change) const;

  const DomainApplierParts parts_;
};

}  // namespace nexus::domain
