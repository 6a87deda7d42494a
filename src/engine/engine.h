#pragma once

// Every use case of the daemon behind one class; rpc and http call nothing else.
//
// Thread-safe. Calls that may read from disk or wait are asynchronous; their `done` runs exactly
// once, on any thread, and must not block. The parts must outlive the engine and every callback.

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "engine/admission.h"
#include "engine/admission_gate.h"
#include "engine/append_order.h"
#include "engine/condition_checker.h"
#include "engine/decision_search.h"
#include "engine/draft.h"
#include "engine/engine_parts.h"
#include "engine/policy_questions.h"
#include "engine/read_cursor.h"
#include "engine/schema_audit.h"
#include "engine/stamp_audit.h"
#include "follow/head_signal.h"
#include "follow/page_share.h"
#include "graph/graph_keeper.h"
#include "identity/limits/rate_limiter.h"
#include "index/filtered_reader.h"
#include "nexus/core/clock.h"
#include "nexus/core/limits.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "nexus/port/metrics.h"
#include "nexus/port/policy_decider.h"
#include "schema/schema_evolution.h"
#include "schema/schema_registry.h"
#include "subscription/subscription.h"

namespace nexus::engine {

class Engine {
 public:
  template <typename T>
  using Done = absl::AnyInvocable<void(absl::StatusOr<T>)>;

  // MALFORMED configuration is not possible here; fails only if the validator cannot compile
  // `true`.
  static absl::StatusOr<std::unique_ptr<Engine>> Create(EngineParts parts, EngineOptions options);
  ~Engine();

  // All that takes a caller: ACCESS_DENIED or UNAUTHENTICATED where its roles do not allow it, and
  // RATE_LIMITED.

  // Governs and stores one commit.
  void Append(CommitDraft draft, Caller caller, Done<CommitReceipt> done);

  // The same; commits with the same `order` are proposed in the order of these calls, although they
  // are decided side by side.
  void Append(CommitDraft draft, Caller caller, std::shared_ptr<AppendOrder> order,
              Done<CommitReceipt> done);

  // What Append would decide, without storing.
  void Check(CommitDraft draft, Caller caller, Done<Verdict> done);

  // Opens a bounded read of what is stored now; waits first for `query.min_position`.
  void OpenRead(ReadQuery query, Caller caller, Done<std::unique_ptr<ReadCursor>> done);

  // Opens a subscription; the caller pulls from it. It must be gone before the engine is.
  void Subscribe(subscription::SubscribeOptions options, Caller caller,
                 Done<std::unique_ptr<subscription::Subscription>> done);

  // Admits a query of the past of `stream`, of the kind `call` ("state_as_of"), which is a read and
  // a query by time: gives what the caller may see of it. The times are those that it names.
  void AdmitQuery(const char* call, std::string stream, std::optional<Timestamp> from_time,
                  std::optional<Timestamp> to_time, Caller caller, Done<index::Visible> done);

  // Of the streams that the caller may read something of: a page may have fewer than asked for.
  void GetStream(std::string name, Caller caller, Done<StreamInfo> done);
  void ListStreams(StreamQuery query, Caller caller, Done<StreamPage> done);

  // What the registry's functions of the same names do and answer, if the policy allows it
  // (POLICY_DENIED, POLICY_UNAVAILABLE). To clear is to fall back to the global settings.
  void RegisterSchema(schema::RegisterRequest request, Caller caller,
                      Done<schema::SchemaRecordPtr> done);
  void DeleteSchema(schema::DeleteRequest request, Caller caller, Done<std::vector<uint32_t>> done);
  void UpdateCompatibility(schema::CompatibilitySettings settings, Caller caller,
                           Done<schema::CompatibilitySettings> done);
  void ClearCompatibility(std::string subject, std::string comment, Caller caller,
                          Done<schema::CompatibilitySettings> done);
  void UpdateMode(schema::ModeSettings settings, bool force, Caller caller,
                  Done<schema::ModeSettings> done);
  void ClearMode(std::string subject, std::string comment, Caller caller,
                 Done<schema::ModeSettings> done);
  void UpdateValidation(schema::ValidationSettings settings, Caller caller,
                        Done<schema::ValidationSettings> done);
  void ClearValidation(std::string subject, std::string comment, Caller caller,
                       Done<schema::ValidationSettings> done);
  void UpdateCategory(schema::CategorySettings settings, Caller caller,
                      Done<schema::CategorySettings> done);

  // How the events of a subject fare with a candidate: a walk that stores nothing. Compiles, so not
  // on a network's thread. What Register() says of a definition. The engine must outlive it.
  absl::StatusOr<std::unique_ptr<SchemaAudit>> ObserveSchema(schema::RegisterRequest candidate,
                                                             AuditOptions options);
  // Whether every stored event passes the schema that it names. The engine must outlive it.
  std::unique_ptr<SchemaAudit> VerifySchemas(const AuditOptions& options);

  // Whether every stored event has a whole stamp, and says what its digest says. The engine must
  // outlive it.
  std::unique_ptr<StampAudit> VerifyStamps(const StampAuditOptions& options);
  // What a decision was: NOT_FOUND, MALFORMED_ID.
  void FindDecision(std::string decision_id, Done<FoundDecision> done);

  schema::SchemaRegistry& schemas() { return parts_.schemas; }
  // Events in the version that a reader asks for.
  const schema::SchemaEvolution& evolution() const { return evolution_; }
  // Who publishes and consumes what; begins to read the log when it is asked.
  graph::GraphKeeper& graph() { return graph_; }
  PolicyDecider& policy() { return parts_.policy; }
  PolicyQuestions& questions() { return questions_; }
  const Limits& limits() const { return options_.limits; }
  Executor& workers() { return parts_.workers; }
  Clock& clock() { return parts_.clock; }
  MetricsRegistry& metrics() { return parts_.metrics; }
  Position Head() const { return parts_.reader.Head(); }

  // Null: nobody writes down what is refused and what administrators do.
  AuditLedger* ledger() { return parts_.ledger; }

  // Lets no commit in any more; `drained` runs when none is under way.
  void Drain(absl::AnyInvocable<void()> drained);

 private:
  struct Metrics;
  struct Appending;

  Engine(EngineParts parts, EngineOptions options, std::shared_ptr<const CompiledSchema> any_json);

  static std::array<identity::Cost, 4> CostsOf(const Appending& call);
  // How long it is held back for routes that lag, which is not longer than half of its time.
  absl::Duration PauseOf(const Appending& call) const;
  void Hold(const std::shared_ptr<Appending>& call, absl::Duration pause);
  void Resume(const std::shared_ptr<Appending>& call);
  // Refuses a commit that nobody waits for any more.
  bool DropIfLate(const std::shared_ptr<Appending>& call, absl::Duration now);
  void CheckAndDecide(const std::shared_ptr<Appending>& call);
  void Decided(const std::shared_ptr<Appending>& call, Commit commit,
               absl::StatusOr<Verdict> verdict);
  void TakeWarnings(Appending& call, Verdict& verdict);
  // Looks at the log for the commit's conditions, on a worker if that takes reading.
  void CheckConditions(const std::shared_ptr<Appending>& call, Commit commit);
  void ProposeInOrder(const std::shared_ptr<Appending>& call, Commit commit);
  void Propose(const std::shared_ptr<Appending>& call, Commit commit);
  void Refuse(const std::shared_ptr<Appending>& call, absl::Status why);
  void RefuseIfNew(const std::shared_ptr<Appending>& call, Commit commit, absl::Status why);
  void Answer(Appending& call, absl::StatusOr<CommitReceipt> receipt);
  void OpenAdmitted(ReadQuery query, absl::Duration deadline,
                    Done<std::unique_ptr<ReadCursor>> done);
  void SubscribeAdmitted(subscription::SubscribeOptions options,
                         Done<std::unique_ptr<subscription::Subscription>> done);
  void RecordRefusal(const Caller& caller, const absl::Status& why);
  // Writes down what rules refuse, and gives the error with the id of that decision.
  absl::Status Deny(const Caller& caller, const Commit& commit, absl::Status why);
  absl::Status Deny(const Caller& caller, absl::string_view operation, absl::string_view subject,
                    absl::Status why);
  // `done`, before which the outcome of a change of the rules is written down.
  template <typename T>
  Done<T> Watched(Done<T> done, absl::string_view operation, absl::string_view subject,
                  const Caller& caller);

  // Gives what the caller may see, if it may read at all by that filter; charges it.
  absl::Status AdmitRead(const Caller& caller, identity::Operation operation,
                         absl::string_view stream, const EventFilter& filter, bool by_time,
                         index::Visible& visible);
  // RATE_LIMITED unless the principal has all of it left.
  absl::Status Charge(const Caller& caller, absl::Span<const identity::Cost> costs);
  // Runs `task` on a worker; false if the workers are full.
  bool OnWorker(size_t bytes, absl::AnyInvocable<void()> task);
  void WaitDrained(absl::AnyInvocable<void()> drained);
  void WaitFlushed(absl::AnyInvocable<void()> drained, int looks);

  const EngineParts parts_;
  const EngineOptions options_;
  // What all subscribers read of the newest events.
  const std::shared_ptr<follow::PageShare> pages_ =
      std::make_shared<follow::PageShare>(parts_.reader, CacheCounters(parts_.metrics, "pages"));
  const schema::SchemaEvolution evolution_;
  graph::GraphKeeper graph_{parts_.reader};
  Admission admission_;
  AdmissionGate gate_;
  FilteredFinder older_;
  ConditionChecker conditions_;
  PolicyQuestions questions_;
  const std::unique_ptr<Metrics> metrics_;
};

}  // namespace nexus::engine
