#include "rpc/policy_service.h"

#include <memory>
#include <string>
#include <utility>

#include "rpc/convert.h"
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
  for (const Violation& violation : verdict.violations) {
    v1::PolicyDenial& row = *out.add_denials();
    row.set_rule("schema");
    row.set_message(absl::StrCat(violation.field, " at \"", violation.pointer,
                                 "\": ", violation.keyword, ": ", violation.message));
  }
}

}  // namespace

grpc::ServerUnaryReactor* PolicyService::Check(grpc::CallbackServerContext* context,
                                               const v1::CheckRequest* request,
                                               v1::CheckResponse* response) {
  auto call = std::make_shared<UnaryCall>(context, parts_, "nexus.v1.PolicyService/Check");
  if (!call->caller().ok()) {
    call->Finish(call->caller().status());
    return call->reactor();
  }
  parts_.engine.Check(ToDraft(request->append()), *std::move(call->caller()),
                      [call, response](absl::StatusOr<engine::Verdict> verdict) {
                        if (verdict.ok()) FillDecision(*verdict, *response);
                        call->Finish(verdict.status());
                      });
  return call->reactor();
}

grpc::ServerUnaryReactor* PolicyService::Explain(grpc::CallbackServerContext* context,
                                                 const v1::ExplainRequest* request,
                                                 v1::ExplainResponse* response) {
  auto call = std::make_shared<UnaryCall>(context, parts_, "nexus.v1.PolicyService/Explain");
  if (!call->caller().ok()) {
    call->Finish(call->caller().status());
    return call->reactor();
  }
  engine::Engine& engine = parts_.engine;
  engine.Check(ToDraft(request->append()), *std::move(call->caller()),
               [call, response, &engine](absl::StatusOr<engine::Verdict> verdict) {
                 if (verdict.ok()) {
                   FillDecision(*verdict, *response->mutable_decision());
                   response->set_input(verdict->input_json);
                   response->set_entrypoint("data.nexus.append.decision");
                   response->set_engine(engine.policy().State().engine);
                 }
                 call->Finish(verdict.status());
               });
  return call->reactor();
}

}  // namespace nexus::rpc
