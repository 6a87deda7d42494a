#pragma once

// What a request for a cost report means: its prices, its period, and which sink is billed as what.

#include <string>

#include "absl/status/statusor.h"
#include "cost/period/period_usage.h"
#include "cost/price_list.h"
#include "cost/usage.h"
#include "nexus/admin/v1/cost.pb.h"
#include "nexus/port/event_reader.h"
#include "route/book/route_state.h"

namespace nexus::rpc {

struct OriginalPrices {
  cost::PriceList list;
  std::string origin;  // "request", "server", "built-in"
};

// Of the request; else of `server_file`; else those that are built in.
absl::StatusOr<OriginalPrices> PricesOf(const admin::v1::ReportCostRequest& request,
                                        const std::string& server_file);

// All but the period.
absl::StatusOr<cost::Assumptions> AssumptionsOf(const admin::v1::CostAssumptions& request);

struct BilledRoutes {
  std::vector<cost::CountedRoute> routes;
  std::string critical_service;
};

// MALFORMED_REQUEST for a route, kind or service that there is not.
absl::StatusOr<BilledRoutes> BilledRoutesOf(const route::RouteState& routes,
                                            const cost::PriceList& prices,
                                            const admin::v1::CostAssumptions& request);

// Reads from disk where times are given.
absl::StatusOr<cost::PeriodRange> RangeOf(const admin::v1::ReportCostRequest& request,
                                          EventReader& reader);

// How long the period was: between the times that were given, else from its first event to its
// last.
uint64_t SecondsOf(const admin::v1::ReportCostRequest& request, const cost::MeasuredPeriod& period);

}  // namespace nexus::rpc
