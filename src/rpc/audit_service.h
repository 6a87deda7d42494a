#pragma once

// nexus.v1.AuditService over the tracer.

#include "nexus/v1/audit.pb.h"
#include "rpc/call_context.h"
#include "rpc/transport/method_table.h"
#include "rpc/unary.h"
#include "trace/tracer.h"

namespace nexus::rpc {

class AuditService {
 public:
  // `tracer` must outlive every call.
  AuditService(const ServiceParts& parts, trace::Tracer& tracer) : parts_(parts), tracer_(tracer) {}

  void AddTo(MethodTable& table);

 private:
  void Trace(UnaryPtr<v1::TraceRequest, v1::TraceResponse> call);

  const ServiceParts parts_;
  trace::Tracer& tracer_;
};

}  // namespace nexus::rpc
