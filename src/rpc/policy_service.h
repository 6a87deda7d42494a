#pragma once

// nexus.v1.PolicyService over the engine.

#include "nexus/v1/policy.pb.h"
#include "rpc/call_context.h"
#include "rpc/transport/method_table.h"
#include "rpc/unary.h"

namespace nexus::rpc {

class PolicyService {
 public:
  explicit PolicyService(const ServiceParts& parts) : parts_(parts) {}

  void AddTo(MethodTable& table);

 private:
  void Check(UnaryPtr<v1::CheckRequest, v1::CheckResponse> call);
  void Explain(UnaryPtr<v1::ExplainRequest, v1::ExplainResponse> call);
  void ExplainDecision(UnaryPtr<v1::ExplainDecisionRequest, v1::ExplainDecisionResponse> call);

  const ServiceParts parts_;
};

}  // namespace nexus::rpc
