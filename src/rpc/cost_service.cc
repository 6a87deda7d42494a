#include "rpc/cost_service.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cost/comparison.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "route/declaration/classification.h"
#include "rpc/convert.h"
#include "rpc/cost_convert.h"
#include "rpc/cost_request.h"
#include "rpc/service_names.h"

namespace nexus::rpc {
namespace {

constexpr uint64_t kProjectedSecondsMax = 100ULL * 366 * 24 * 3'600;

// One report, once all of its request is understood.
struct CostReport {
  OriginalPrices prices;
  cost::Assumptions assumed;
  BilledRoutes billed;
  std::optional<route::CriticalityRules> other_rules;
};

absl::StatusOr<CostReport> Understand(const admin::v1::ReportCostRequest& request,
                                      const RouteControl& routes) {
  CostReport report;
  NEXUS_ASSIGN_OR_RETURN(report.prices, PricesOf(request, routes.prices_file));
  NEXUS_ASSIGN_OR_RETURN(report.assumed, AssumptionsOf(request.assumptions()));
  NEXUS_ASSIGN_OR_RETURN(report.billed, BilledRoutesOf(*routes.book->Snapshot(), report.prices.list,
                                                       request.assumptions()));
  if (request.projected_seconds() > kProjectedSecondsMax) {
    return MakeError(ErrorReason::kMalformedRequest,
                     absl::StrCat("projected_seconds is ", request.projected_seconds(),
                                  "; at most ", kProjectedSecondsMax));
  }
  if (!request.classification().empty()) {
    NEXUS_ASSIGN_OR_RETURN(report.other_rules,
                           route::ParseClassification(request.classification(), *routes.json));
  }
  return report;
}

cost::RoutedUsage ProjectedUsage(const cost::RoutedUsage& usage, uint64_t measured,
                                 uint64_t seconds) {
  if (measured == 0 || measured == seconds) return usage;
  cost::RoutedUsage out = usage;
  for (auto& route : out.routes) route.usage = Projected(route.usage, measured, seconds);
  for (auto& [name, service] : out.services) service = Projected(service, measured, seconds);
  out.all = Projected(out.all, measured, seconds);
  return out;
}

absl::Status FillOne(const CostReport& report, const cost::RoutedPeriod& period, uint64_t measured,
                     admin::v1::CostScenario& out) {
  NEXUS_ASSIGN_OR_RETURN(
      const cost::Comparison comparison,
      cost::Compare(report.prices.list,
                    ProjectedUsage(period.usage, measured, report.assumed.seconds),
                    report.billed.critical_service, report.assumed));
  FillScenario(period, comparison, out);
  return absl::OkStatus();
}

absl::Status FillReport(CostReport& report, const admin::v1::ReportCostRequest& request,
                        const cost::MeasuredPeriod& period, admin::v1::ReportCostResponse& out) {
  const uint64_t measured = SecondsOf(request, period);
  report.assumed.seconds =
      request.projected_seconds() == 0 ? measured : request.projected_seconds();
  const cost::PriceList& prices = report.prices.list;
  out.set_as_of(prices.as_of);
  out.set_region(prices.region);
  out.set_currency(prices.currency);
  out.set_prices_origin(report.prices.origin);
  out.set_measured_seconds(measured);
  out.set_billed_seconds(report.assumed.seconds);
  out.set_events(period.events);
  if (period.events != 0) {
    FillTimestamp(period.first, *out.mutable_first_time());
    FillTimestamp(period.last, *out.mutable_last_time());
  }
  NEXUS_RETURN_IF_ERROR(FillOne(report, period.routed[0], measured, *out.mutable_actual()));
  if (period.routed.size() == 1) return absl::OkStatus();
  return FillOne(report, period.routed[1], measured, *out.mutable_what_if());
}

// Reads the period once, whatever is compared.
absl::Status MakeReport(CostReport& report, const admin::v1::ReportCostRequest& request,
                        const RouteControl& routes, const std::function<absl::Status()>& go_on,
                        admin::v1::ReportCostResponse& out) {
  NEXUS_ASSIGN_OR_RETURN(const cost::PeriodRange range, RangeOf(request, *routes.reader));
  out.set_from_position(range.from.value);
  out.set_to_position(range.to.value);
  // Keeps what it gives alive until the next is asked for.
  const auto of_then = [&routes, last = route::ClassificationPtr()](
                           Position position) mutable -> const route::CriticalityRules& {
    last = routes.book->classifications().At(position);
    return last->rules;
  };
  const cost::Routing now{report.billed.routes, of_then};
  const cost::Routing other{
      report.billed.routes,
      [&report](Position) -> const route::CriticalityRules& { return *report.other_rules; }};
  std::vector<const cost::Routing*> routings = {&now};
  if (report.other_rules.has_value()) routings.push_back(&other);
  NEXUS_ASSIGN_OR_RETURN(const cost::MeasuredPeriod period,
                         cost::MeasurePeriod(*routes.reader, range, routings,
                                             cost::PieceSizes(report.prices.list), go_on));
  return FillReport(report, request, period, out);
}

}  // namespace

CostService::CostService(const ServiceParts& parts, RouteControl routes)
    : parts_(parts), routes_(std::move(routes)) {}

void CostService::AddTo(MethodTable& table) {
  table.Add(kCostService, "ReportCost", Unary(parts_, *this, &CostService::ReportCost));
}

void CostService::ReportCost(Call call) {
  if (routes_.book == nullptr) {
    return call->Finish(MakeError(ErrorReason::kUnimplemented, kNothingIsRouted));
  }
  auto report = Understand(call->request(), routes_);
  if (!call->Ready(report.status())) return;
  auto work = [this, call, report = *std::move(report)]() mutable {
    // A long period takes a while; nobody may be waiting for it any more.
    const auto go_on = [this, &call]() -> absl::Status {
      if (parts_.engine.clock().Monotonic() <= call->caller().deadline) return absl::OkStatus();
      return MakeError(ErrorReason::kDeadlineExceeded,
                       "the period was not read before the deadline; give the call more time");
    };
    call->Finish(MakeReport(report, call->request(), routes_, go_on, call->response()));
  };
  if (!parts_.engine.workers().TrySubmit(std::move(work))) {
    call->Finish(MakeError(ErrorReason::kOverloaded, "the workers are busy"));
  }
}

}  // namespace nexus::rpc
