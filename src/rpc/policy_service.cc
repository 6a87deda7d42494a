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

}  // namespace

void PolicyService::AddTo(MethodTable& table) {
  table.Add(kPolicyService, "Check", Unary(parts_, *this, &PolicyService::Check));
  table.Add(kPolicyService, "Explain", Unary(parts_, *this, &PolicyService::Explain));
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

}  // namespace nexus::rpc
