#pragma once

// Costs as messages.

#include "cost/comparison.h"
#include "cost/period/period_usage.h"
#include "nexus/admin/v1/cost.pb.h"

namespace nexus::rpc {

void FillBill(const cost::Bill& bill, admin::v1::CostBill& out);
void FillScenario(const cost::RoutedPeriod& period, const cost::Comparison& comparison,
                  admin::v1::CostScenario& out);

}  // namespace nexus::rpc
