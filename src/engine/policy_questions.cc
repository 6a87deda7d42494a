#include "engine/policy_questions.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/denial_record.h"
#include "engine/principal_facts.h"
#include "policy/enforcement.h"
#include "policy/operations.h"
#include "stamp/commit_digest.h"

namespace nexus::engine {
namespace {

// `go`, before which a denial is written down.
PolicyQuestions::Go Written(AuditLedger* ledger, const Caller& caller, absl::string_view operation,
                            absl::string_view subject, PolicyQuestions::Go go) {
  if (ledger == nullptr) return go;
  return [ledger, caller, operation = std::string(operation), subject = std::string(subject),
          go = std::move(go)](absl::Status asked) mutable {
    go(WriteDenial(ledger, caller, operation, subject, std::move(asked)));
  };
}

// The same of what wants a stamp.
PolicyQuestions::Stamped Written(AuditLedger* ledger, const Caller& caller,
                                 absl::string_view operation, absl::string_view subject,
                                 PolicyQuestions::Stamped done) {
  return [ledger, caller, operation = std::string(operation), subject = std::string(subject),
          done = std::move(done)](absl::StatusOr<AdmissionStamp> stamp) mutable {
    if (stamp.ok()) return done(std::move(stamp));
    done(WriteDenial(ledger, caller, operation, subject, stamp.status()));
  };
}

}  // namespace

std::string OutcomesOf(const PolicyAnswer& answer) {
  std::string lines;
  for (const RuleOutcome& outcome : answer.outcomes) {
    absl::StrAppend(&lines, lines.empty() ? "" : "\n", RuleModeName(outcome.mode), ":",
                    outcome.rule);
  }
  return lines;
}

AdmissionStamp PolicyQuestions::Stamp(const Caller& caller, absl::string_view policy_revision) {
  AdmissionStamp stamp;
  stamp.principal = caller.principal.name;
  stamp.method = caller.principal.method;
  stamp.decision_id = FormatUuid(parts_.ids.NewUuid());
  stamp.policy_revision = std::string(policy_revision);
  stamp.governance_epoch = parts_.schemas.GovernanceEpoch();
  return stamp;
}

void PolicyQuestions::Ask(std::string operation, std::string input, Caller caller, Stamped done) {
  AskAll({std::move(operation), std::move(input)}, std::move(caller), std::move(done));
}

void PolicyQuestions::AskAll(PolicyQuestion question, Caller caller, Stamped done) {
  const absl::Duration timeout = parts_.admission.TimeFor(caller, question.operation);
  AdmissionStamp stamp = Stamp(caller, "");
  stamp.input_digest = stamp::DigestOfText(question.input_json);
  std::string operation = question.operation;
  parts_.policy.Decide(
      std::move(question), timeout,
      [this, operation = std::move(operation), caller = std::move(caller), stamp = std::move(stamp),
       done = std::move(done)](absl::StatusOr<PolicyAnswer> answer) mutable {
        if (!answer.ok()) return done(answer.status());
        policy::Enforce(operation, ShareKey(stamp.decision_id), *answer);
        notices_.Tell(operation, *answer, caller);
        if (absl::Status denied = DenialStatus(*answer, stamp.input_digest); !denied.ok()) {
          return done(std::move(denied));
        }
        stamp.policy_revision = answer->revision;
        stamp.outcomes = OutcomesOf(*answer);
        done(std::move(stamp));
      });
}

void PolicyQuestions::AskOptional(std::string operation, absl::FunctionRef<std::string()> input,
                                  Caller caller, Stamped done) {
  if (!parts_.policy.Decides(operation)) return done(Stamp(caller, policy::kNobodyAsked));
  std::string document = input();
  Ask(std::move(operation), std::move(document), std::move(caller), std::move(done));
}

void PolicyQuestions::AskAboutRead(const policy::ReadFacts& about, identity::Operation operation,
                                   bool by_time, const Caller& caller, Go go) {
  const bool subscribes = operation == identity::Operation::kSubscribe;
  const char* const asked = subscribes ? "subscribe" : "read";
  const bool asks = parts_.policy.Decides(asked);
  const bool asks_query = by_time && parts_.policy.Decides("query");
  if (!asks && !asks_query) return go(absl::OkStatus());
  policy::ReadFacts facts = about;
  facts.now = parts_.clock.Now();
  if (asks_query && parts_.limiter != nullptr) {
    facts.temporal_reads_left = parts_.limiter->Left({caller.account(), caller.principal.roles},
                                                     identity::LimitKind::kTemporalReads);
  }
  const policy::PrincipalFacts principal = FactsOf(caller.principal);
  go = Written(parts_.ledger, caller, asked, about.stream, std::move(go));
  // Made now: the facts borrow from what the read itself takes along.
  Go then_query = [this, query = asks_query ? policy::QueryInput(facts, principal) : "", caller,
                   go = std::move(go)](absl::Status read) mutable {
    if (!read.ok() || query.empty()) return go(std::move(read));
    Ask("query", std::move(query), std::move(caller),
        [go = std::move(go)](absl::StatusOr<AdmissionStamp> stamp) mutable { go(stamp.status()); });
  };
  if (!asks) return then_query(absl::OkStatus());
  Ask(asked,
      subscribes ? policy::SubscribeInput(facts, principal) : policy::ReadInput(facts, principal),
      caller, [then_query = std::move(then_query)](absl::StatusOr<AdmissionStamp> stamp) mutable {
        then_query(stamp.status());
      });
}

void PolicyQuestions::AskAboutAdmin(absl::string_view action, Caller caller, Go go) {
  const policy::PrincipalFacts principal = FactsOf(caller.principal);
  go = Written(parts_.ledger, caller, "admin", action, std::move(go));
  AskOptional(
      "admin", [&] { return policy::AdminInput({.action = action}, principal); }, std::move(caller),
      [go = std::move(go)](absl::StatusOr<AdmissionStamp> stamp) mutable { go(stamp.status()); });
}

void PolicyQuestions::AskAboutAdminChange(absl::string_view action, Caller caller, Stamped done) {
  const policy::PrincipalFacts principal = FactsOf(caller.principal);
  done = Written(parts_.ledger, caller, "admin", action, std::move(done));
  AskOptional(
      "admin", [&] { return policy::AdminInput({.action = action}, principal); }, std::move(caller),
      std::move(done));
}

void PolicyQuestions::AskAboutAccess(const policy::AccessChangeFacts& facts, Caller caller,
                                     Stamped done) {
  const policy::PrincipalFacts principal = FactsOf(caller.principal);
  done = Written(parts_.ledger, caller, "access_change", facts.action, std::move(done));
  AskOptional(
      "access_change", [&] { return policy::AccessChangeInput(facts, principal); },
      std::move(caller), std::move(done));
}

void PolicyQuestions::AskAboutCommand(const policy::CommandFacts& facts, const Caller& caller,
                                      Go go) {
  if (!parts_.policy.Decides("execute")) return go(absl::OkStatus());
  policy::CommandFacts shown = facts;
  if (!parts_.admission.PolicySeesData()) shown.data_json = {};
  PolicyQuestion question{"execute", policy::CommandInput(shown, FactsOf(caller.principal))};
  if (parts_.policy.asks_by_category()) {
    question.categories.emplace_back(StreamName::CategoryOf(facts.stream));
  }
  AskAll(std::move(question), caller,
         [go = Written(parts_.ledger, caller, "execute", facts.stream, std::move(go))](
             absl::StatusOr<AdmissionStamp> stamp) mutable { go(stamp.status()); });
}

void PolicyQuestions::AskAboutObservation(const Caller& caller, Go go) {
  const policy::ReadFacts facts{.call = "observe_schema", .system_events = true};
  AskAboutRead(facts, identity::Operation::kRead, /*by_time=*/false, caller, std::move(go));
}

void PolicyQuestions::AskAboutGraph(const Caller& caller, Go go) {
  const policy::ReadFacts facts{.call = "get_service_graph"};
  AskAboutRead(facts, identity::Operation::kRead, /*by_time=*/false, caller, std::move(go));
}

}  // namespace nexus::engine
