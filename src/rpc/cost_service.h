#pragma once

// nexus.admin.v1.CostService over the log and the router's book.

#include "nexus/admin/v1/cost.pb.h"
#include "rpc/call_context.h"
#include "rpc/route_control.h"
#include "rpc/transport/method_table.h"
#include "rpc/unary.h"

namespace nexus::rpc {

class CostService {
 public:
  CostService(const ServiceParts& parts, RouteControl routes);

  void AddTo(MethodTable& table);

 private:
  using Call = UnaryPtr<admin::v1::ReportCostRequest, admin::v1::ReportCostResponse>;

  void ReportCost(Call call);

  const ServiceParts parts_;
  const RouteControl routes_;
};

}  // namespace nexus::rpc
