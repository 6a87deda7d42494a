#include "rpc/policy_service.h"

#include <memory>
#include <string>
#include <utility>

#include "rpc/convert.h"
#include "rpc/service_names.h"
#include "rpc/unary.h"

namespace nexus::rpc {
namespace {

// A broken schema is a denial by the schema here: the caller asked what would happen.
void FillDecision(const engine::Verdict& verdict, v1::CheckResponse& out) {
  out.set_allowed(verdict.ToStatus().ok());
  out.set_policy_revision(verdict.policy.revision);
  for (const PolicyDenial& denial : verdict.policy.denials) {
    v1::PolicyDenial& row = *out.add_denials();
    row.set_rule(denial.rule);
    row.set_message(denial.message);
  }
  for (const RuleOutcome& outcome : verdict.policy.outcomes) {
    v1::RuleOutcome& row = *out.add_outcomes();
    row.set_rule(outcome.rule);
    row.set_message(outcome.message);
    row.set_mode(std::string(RuleModeName(outcome.mode)));
  }
  for (const auto* violations : {&verdict.violations, &verdict.undeclared}) {
    for (const Violation& violation : *violations) {
      v1::PolicyDenial& row = *out.add_denials();
      row.set_rule("schema");
      row.set_message(absl::StrCat(violation.field, " at \"", violation.pointer,
                                   "\": ", violation.keyword, ": ", violation.message));
    }
  }
}

void FillAdmission(const RecordedEvent& event, v1::Admission& out) {
  out.set_principal(std::string(event.principal));
  out.set_method(std::string(event.method));
  out.set_decision_id(std::string(event.decision_id));
  out.set_policy_revision(std::string(event.policy_revision));
  out.set_governance_epoch(event.governance_epoch);
  out.set_request_digest(std::string(event.request_digest));
  out.set_input_digest(std::string(event.input_digest));
  out.set_outcomes(std::string(event.outcomes));
}

// A version never changes, so what the registry says of it now is what held then.
void FillDecided(const RecordedEvent& event, const schema::SchemaCatalog& catalog,
                 v1::DecidedEvent& out) {
  out.set_event_id(event.id.ToString());
  out.set_stream(std::string(event.stream));
  out.set_revision(event.revision.value);
  out.set_position(event.position.value);
  out.set_type(std::string(event.type));
  out.set_schema_version(event.schema_version);
  out.set_correlation_id(std::string(event.correlation_id));
  out.set_causation_id(std::string(event.causation_id));
  if (event.schema_version == 0) return;
  const schema::SchemaRecordPtr record = catalog.FindStored(event.type, event.schema_version);
  if (record == nullptr) return;
  out.set_schema_id(record->id);
  out.set_schema_digest(record->digest);
}

void FillExplanation(const engine::FoundDecision& found, const schema::SchemaCatalog& catalog,
                     v1::ExplainDecisionResponse& out) {
  out.set_allowed(found.admitted);
  if (!found.admitted) {
    out.set_denial(found.pending.empty() ? std::string(found.events.events.front().data)
                                         : found.pending);
    return;
  }
  FillAdmission(found.events.events.front(), *out.mutable_admission());
  out.set_commit_id(found.events.events.front().commit_id.ToString());
  for (const RecordedEvent& event : found.events.events) {
    FillDecided(event, catalog, *out.add_events());
  }
}

}  // namespace

void PolicyService::AddTo(MethodTable& table) {
  table.Add(kPolicyService, "Check", Unary(parts_, *this, &PolicyService::Check));
  table.Add(kPolicyService, "Explain", Unary(parts_, *this, &PolicyService::Explain));
  table.Add(kPolicyService, "ExplainDecision",
            Unary(parts_, *this, &PolicyService::ExplainDecision));
}

void PolicyService::Check(UnaryPtr<v1::CheckRequest, v1::CheckResponse> call) {
  parts_.engine.Check(ToDraft(call->request().append()), std::move(call->caller()),
                      [call](absl::StatusOr<engine::Verdict> verdict) {
                        if (verdict.ok()) FillDecision(*verdict, call->response());
                        call->Finish(verdict.status());
                      });
}

void PolicyService::Explain(UnaryPtr<v1::ExplainRequest, v1::ExplainResponse> call) {
  engine::Engine& engine = parts_.engine;
  engine.Check(ToDraft(call->request().append()), std::move(call->caller()),
               [call, &engine](absl::StatusOr<engine::Verdict> verdict) {
                 if (verdict.ok()) {
                   v1::ExplainResponse& response = call->response();
                   FillDecision(*verdict, *response.mutable_decision());
                   response.set_input(verdict->input_json);
                   response.set_entrypoint("data.nexus.append.decision");
                   response.set_engine(engine.policy().State().engine);
                 }
                 call->Finish(verdict.status());
               });
}

void PolicyService::ExplainDecision(
    UnaryPtr<v1::ExplainDecisionRequest, v1::ExplainDecisionResponse> call) {
  const std::string id = call->request().decision_id();
  engine::Engine& engine = parts_.engine;
  engine.FindDecision(id, [call, id, &engine](absl::StatusOr<engine::FoundDecision> found) {
    if (found.ok()) {
      call->response().set_decision_id(id);
      FillExplanation(*found, engine.schemas().catalog(), call->response());
    }
    call->Finish(found.status());
  });
}

}  // namespace nexus::rpc
