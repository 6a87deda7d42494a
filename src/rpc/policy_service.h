#pragma once

// nexus.v1.PolicyService over the engine.

#include "nexus/v1/policy.grpc.pb.h"
#include "rpc/call_context.h"

namespace nexus::rpc {

class PolicyService final : public v1::PolicyService::CallbackService {
 public:
  explicit PolicyService(const ServiceParts& parts) : parts_(parts) {}

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const v1::CheckRequest* request,
                                  v1::CheckResponse* response) override;
  grpc::ServerUnaryReactor* Explain(grpc::CallbackServerContext* context,
                                    const v1::ExplainRequest* request,
                                    v1::ExplainResponse* response) override;

 private:
  const ServiceParts parts_;
};

}  // namespace nexus::rpc
