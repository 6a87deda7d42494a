#pragma once

// What the engine asks the policies beside commits: changes of rules and of access, maintenance,
// reads.
//
// Thread-safe. All that it is made of must outlive it and every callback. A callback may run inside
// the call; its errors are POLICY_DENIED and POLICY_UNAVAILABLE.

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/admission.h"
#include "engine/draft.h"
#include "engine/rule_notices.h"
#include "identity/limits/rate_limiter.h"
#include "identity/operation.h"
#include "nexus/core/clock.h"
#include "nexus/core/id_source.h"
#include "nexus/port/audit_ledger.h"
#include "nexus/port/metrics.h"
#include "nexus/port/policy_decider.h"
#include "policy/server_input.h"
#include "schema/schema_registry.h"
#include "telemetry/log.h"

namespace nexus::engine {

// What rules found that do not refuse yet, as a stamp has it: "warn:RULE", one a line.
std::string OutcomesOf(const PolicyAnswer& answer);

class PolicyQuestions {
 public:
  using Stamped = absl::AnyInvocable<void(absl::StatusOr<AdmissionStamp>)>;
  using Go = absl::AnyInvocable<void(absl::Status)>;

  struct Parts {
    PolicyDecider& policy;
    schema::SchemaRegistry& schemas;
    Clock& clock;
    IdSource& ids;
    MetricsRegistry& metrics;
    telemetry::Logger& logger;
    const Admission& admission;                // knows how long a decision may take
    identity::RateLimiter* limiter = nullptr;  // null: nobody is limited
    AuditLedger* ledger = nullptr;             // null: nobody writes down what is denied
  };

  explicit PolicyQuestions(const Parts& parts)
      : parts_(parts), notices_(parts.metrics, parts.logger, parts.clock) {}

  // About a change of the rules, which every policy must decide. Gives the stamp for its event.
  void Ask(std::string operation, std::string input, Caller caller, Stamped done);

  // The rest need not be decided: where the policies have no entrypoint the answer is yes.
  void AskAboutAccess(const policy::AccessChangeFacts& facts, Caller caller, Stamped done);
  void AskAboutAdmin(absl::string_view action, Caller caller, Go go);
  // The same of what leaves an event, which wants a stamp.
  void AskAboutAdminChange(absl::string_view action, Caller caller, Stamped done);
  // Once, before anything is read; twice if it is bounded by time, which is a `query`, too.
  void AskAboutRead(const policy::ReadFacts& about, identity::Operation operation, bool by_time,
                    const Caller& caller, Go go);
  // Whether the caller may execute a command; its data is shown as the configuration says.
  void AskAboutCommand(const policy::CommandFacts& facts, const Caller& caller, Go go);
  // A candidate's walk over stored events.
  void AskAboutObservation(const Caller& caller, Go go);
  // Who writes and follows what, in the whole log but for `$` streams.
  void AskAboutGraph(const Caller& caller, Go go);

  AdmissionStamp Stamp(const Caller& caller, absl::string_view policy_revision);
  // What is told of the rules that were broken.
  RuleNotices& notices() { return notices_; }

 private:
  void AskAll(PolicyQuestion question, Caller caller, Stamped done);
  void AskOptional(std::string operation, absl::FunctionRef<std::string()> input, Caller caller,
                   Stamped done);

  const Parts parts_;
  RuleNotices notices_;
};

}  // namespace nexus::engine
