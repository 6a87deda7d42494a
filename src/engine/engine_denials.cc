// What is refused, told to the log of the process and to the ledger.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/denial_record.h"
#include "engine/engine.h"
#include "nexus/core/errors.h"
#include "stamp/commit_digest.h"

namespace nexus::engine {

bool IsDenial(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kPolicyDenied:
    case ErrorReason::kAccessDenied:
    case ErrorReason::kUnauthenticated:
    case ErrorReason::kSchemaViolation:
    case ErrorReason::kSchemaNotRegistered:
    case ErrorReason::kUndeclaredField:
      return true;
    default:
      return false;
  }
}

namespace {

std::string RulesOf(const ErrorDetails& details) {
  return absl::StrJoin(details.denials, ",", [](std::string* out, const PolicyDenial& denial) {
    out->append(denial.rule);
  });
}

std::string MetadataOf(const ErrorDetails& details, absl::string_view name) {
  for (const auto& [key, value] : details.metadata) {
    if (key == name) return value;
  }
  return "";
}

Denial DescribeDenial(const Caller& caller, const ErrorDetails& details) {
  Denial denial;
  denial.client = ClientOf(caller);
  denial.reason = std::string(ReasonName(details.reason));
  for (const PolicyDenial& rule : details.denials) denial.rules.push_back(rule.rule);
  for (const Violation& violation : details.violations) {
    denial.places.push_back({violation.field, violation.pointer, violation.keyword});
  }
  denial.policy_revision = MetadataOf(details, "policy_revision");
  denial.input_digest = MetadataOf(details, "input_digest");
  denial.correlation_id = caller.correlation_id;
  return denial;
}

absl::Status WithDecision(const absl::Status& why, ErrorDetails details, std::string id) {
  details.metadata.emplace_back("decision_id", std::move(id));
  return MakeError(why.message(), details);
}

}  // namespace

ClientFacts ClientOf(const Caller& caller) {
  return {caller.principal.name, caller.principal.method, caller.peer, caller.principal.token_id};
}

AuditRecord AdminAction(const Caller& caller, absl::string_view action, absl::string_view subject,
                        const absl::Status& outcome) {
  AuditRecord record;
  record.type = std::string(kAdminActionType);
  record.client = ClientOf(caller);
  record.action = std::string(action);
  record.subject = std::string(subject);
  if (!outcome.ok()) record.outcome = std::string(ReasonName(ReasonOf(outcome)));
  record.correlation_id = caller.correlation_id;
  return record;
}

void Engine::RecordRefusal(const Caller& caller, const absl::Status& why) {
  const ErrorDetails details = DetailsOf(why);
  parts_.logger.Log(telemetry::Level::kInfo, "append refused",
                    {{"reason", std::string(ReasonName(details.reason))},
                     {"rules", RulesOf(details)},
                     {"decision_id", MetadataOf(details, "decision_id")},
                     {"principal", caller.principal.name},
                     {"correlation_id", caller.correlation_id},
                     {"traceparent", caller.traceparent}});
}

absl::Status Engine::Deny(const Caller& caller, const Commit& commit, absl::Status why) {
  if (parts_.ledger == nullptr || !IsDenial(ReasonOf(why))) return why;
  ErrorDetails details = DetailsOf(why);
  const std::string rules = RulesOf(details);
  // The first event stands for the commit; the digest is that of all of it.
  const CommitEvent& first = commit.events.front();
  const std::string& stream = commit.streams[first.stream_index].name.str();
  std::string id = parts_.ledger->Deny(
      {caller.principal.name, "append", stream, first.event.type, ReasonName(details.reason),
       rules},
      [&] {
        Denial denial = DescribeDenial(caller, details);
        denial.operation = "append";
        denial.stream = stream;
        denial.type = first.event.type;
        denial.payload_digest = stamp::HexOf(DigestBytes(stamp::DigestOfCommit(commit)));
        denial.commit_id = commit.id.ToString();
        denial.correlation_id = first.event.correlation_id;
        return denial;
      });
  return WithDecision(why, std::move(details), std::move(id));
}

absl::Status Engine::Deny(const Caller& caller, absl::string_view operation,
                          absl::string_view subject, absl::Status why) {
  return WriteDenial(parts_.ledger, caller, operation, subject, std::move(why));
}

absl::Status WriteDenial(AuditLedger* ledger, const Caller& caller, absl::string_view operation,
                         absl::string_view subject, absl::Status why) {
  if (ledger == nullptr || !IsDenial(ReasonOf(why))) return why;
  ErrorDetails details = DetailsOf(why);
  if (!MetadataOf(details, "decision_id").empty()) return why;  // it is written already
  const std::string rules = RulesOf(details);
  std::string id = ledger->Deny(
      {caller.principal.name, operation, subject, "", ReasonName(details.reason), rules}, [&] {
        Denial denial = DescribeDenial(caller, details);
        denial.operation = std::string(operation);
        denial.stream = std::string(subject);
        return denial;
      });
  return WithDecision(why, std::move(details), std::move(id));
}

}  // namespace nexus::engine
