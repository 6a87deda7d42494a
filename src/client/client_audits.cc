// What the server finds when it judges stored events by schemas: the client's part.

#include <utility>

#include "absl/strings/escaping.h"
#include "client/convert.h"
#include "client/parts.h"
#include "client/status.h"
#include "nexus/client/client.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {
namespace {

BreakingEvent EventOf(const v1::BreakingEvent& in) {
  BreakingEvent event{
      in.stream(), Revision(in.revision()), Position(in.position()), in.schema_version(), {}};
  for (const v1::SchemaViolation& v : in.violations()) {
    event.violations.push_back(
        {"data", v.pointer(), v.keyword(), v.expected(), v.actual(), v.message()});
  }
  return event;
}

Observation ProgressOf(const v1::ObserveSchemaResponse& in) {
  Observation now;
  now.scanned = in.scanned();
  now.head = Position(in.head());
  now.events = in.events();
  now.valid = in.valid_events();
  now.breaking = in.breaking_events();
  now.skipped = in.skipped_events();
  now.complete = in.complete();
  for (const v1::BreakingEvent& event : in.findings()) now.findings.push_back(EventOf(event));
  return now;
}

SchemaVerification ProgressOf(const admin::v1::VerifySchemasResponse& in) {
  SchemaVerification now{Position(in.position()),    Position(in.head()), in.events(),
                         in.events_without_schema(), in.failures(),       {}};
  for (const admin::v1::SchemaFailure& row : in.findings()) {
    now.findings.push_back({row.stream(), Revision(row.revision()), Position(row.position()),
                            row.type(), row.schema_version(), row.message()});
  }
  return now;
}

AuditVerification ProgressOf(const admin::v1::VerifyAuditResponse& in) {
  AuditVerification now;
  now.position = Position(in.scanned());
  now.head = Position(in.head());
  now.events = in.events();
  now.with_principal = in.with_principal();
  now.with_decision = in.with_decision();
  now.with_correlation = in.with_correlation();
  now.caused_by_own_commit = in.caused_by_own_commit();
  now.caused_by_event = in.caused_by_event();
  now.caused_by_commit = in.caused_by_commit();
  now.caused_outside = in.caused_outside();
  now.cause_unknown = in.cause_unknown();
  now.complete = in.complete();
  now.digests_good = in.digests_good();
  now.digests_wrong = in.digests_wrong();
  now.without_digest = in.without_digest();
  now.proven = in.proven();
  for (const admin::v1::AuditFinding& row : in.findings()) {
    now.findings.push_back({Position(row.position()), row.stream(), row.message()});
  }
  return now;
}

// Reads to the end of the call; the last message is the answer.
template <typename Progress, typename Reader, typename Response>
absl::StatusOr<Progress> ReadToTheEnd(Reader& reader, Response& response,
                                      absl::FunctionRef<void(const Progress&)> on_progress) {
  Progress now;
  while (reader.Read(&response)) {
    now = ProgressOf(response);
    on_progress(now);
  }
  NEXUS_RETURN_IF_ERROR(FromGrpc(reader.Finish()));
  if (response.done()) return now;
  return MakeError(ErrorReason::kNotReady, "the server ended the call early");
}

}  // namespace

absl::StatusOr<Observation> Client::ObserveSchema(
    const SchemaDraft& draft, const ObserveOptions& options,
    absl::FunctionRef<void(const Observation&)> on_progress) {
  Call call(parts_->calls, parts_->options.token, absl::InfiniteDuration());
  v1::ObserveSchemaRequest request;
  FillDefinition(draft, request);
  request.set_limit(options.limit);
  request.set_newest_first(options.newest_first);
  const auto reader = parts_->schemas->ObserveSchema(call.context(), request);
  v1::ObserveSchemaResponse response;
  return ReadToTheEnd<Observation>(*reader, response, on_progress);
}

absl::StatusOr<SchemaVerification> Client::VerifySchemas(
    absl::FunctionRef<void(const SchemaVerification&)> on_progress) {
  Call call(parts_->calls, parts_->options.token, absl::InfiniteDuration());
  const auto reader = parts_->admin->VerifySchemas(call.context(), {});
  admin::v1::VerifySchemasResponse response;
  return ReadToTheEnd<SchemaVerification>(*reader, response, on_progress);
}

absl::StatusOr<AuditVerification> Client::VerifyAudit(
    bool unknown_is_outside, absl::FunctionRef<void(const AuditVerification&)> on_progress) {
  Call call(parts_->calls, parts_->options.token, absl::InfiniteDuration());
  admin::v1::VerifyAuditRequest request;
  request.set_unknown_is_outside(unknown_is_outside);
  const auto reader = parts_->admin->VerifyAudit(call.context(), request);
  admin::v1::VerifyAuditResponse response;
  return ReadToTheEnd<AuditVerification>(*reader, response, on_progress);
}

absl::StatusOr<Decision> Client::ExplainDecision(const std::string& id) {
  Call call(parts_->calls, parts_->options.token, parts_->options.timeout);
  v1::ExplainDecisionRequest request;
  request.set_decision_id(id);
  v1::ExplainDecisionResponse response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(parts_->policy->ExplainDecision(call.context(), request, &response)));
  Decision decision;
  decision.id = response.decision_id();
  decision.allowed = response.allowed();
  decision.denial_json = response.denial();
  const v1::Admission& stamp = response.admission();
  decision.principal = stamp.principal();
  decision.method = stamp.method();
  decision.policy_revision = stamp.policy_revision();
  decision.governance_epoch = stamp.governance_epoch();
  decision.request_digest = absl::BytesToHexString(stamp.request_digest());
  decision.input_digest = absl::BytesToHexString(stamp.input_digest());
  decision.outcomes = stamp.outcomes();
  decision.commit_id = response.commit_id();
  for (const v1::DecidedEvent& event : response.events()) {
    decision.events.push_back({event.event_id(), event.stream(), event.revision(), event.position(),
                               event.type(), event.schema_version(), event.schema_id(),
                               event.schema_digest(), event.correlation_id(),
                               event.causation_id()});
  }
  return decision;
}

}  // namespace nexus::client
