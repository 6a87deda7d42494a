#include "cost/comparison.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cost {
namespace {

uint64_t WeightOf(const BillLine& line, const Usage& usage) {
  switch (line.driver) {
    case Driver::kTime:
    case Driver::kEvents:
      return usage.events;
    case Driver::kBytes:
      return usage.bytes;
    case Driver::kPieces: {
      const auto found = usage.pieces.find(line.piece_bytes);
      return found == usage.pieces.end() ? 0 : found->second;
    }
  }
  return 0;
}

// Each line is split by what it grows with, so that the parts of all routes add up to the bill.
void SplitBill(const Bill& bill, const std::vector<RouteCost*>& routes) {
  for (const BillLine& line : bill.lines) {
    std::vector<uint64_t> weights;
    for (const RouteCost* route : routes) weights.push_back(WeightOf(line, route->usage));
    const std::vector<Money> parts = Split(line.amount, weights);
    for (size_t i = 0; i < routes.size(); ++i) {
      (line.fixed() ? routes[i]->fixed : routes[i]->variable) += parts[i];
    }
  }
}

absl::Status BillRoutes(const PriceList& prices, const RoutedUsage& usage,
                        const Assumptions& assumptions, Comparison& out) {
  for (const auto& [name, service_usage] : usage.services) {
    const PricedService* service = prices.Find(name);
    if (service == nullptr) continue;
    NEXUS_ASSIGN_OR_RETURN(Bill bill, BillOf(*service, service_usage, assumptions));
    std::vector<RouteCost*> routes;
    for (RouteCost& route : out.routes) {
      if (route.service != name) continue;
      route.priced = bill.priced;
      routes.push_back(&route);
    }
    SplitBill(bill, routes);
    out.actual += bill.total();
    out.bills.push_back(std::move(bill));
  }
  return absl::OkStatus();
}

}  // namespace

std::string Comparison::Verdict() const {
  if (!all_critical.priced) {
    return absl::StrCat(all_critical.service, " has no price, so nothing is compared with it");
  }
  if (!unpriced.empty()) {
    return absl::StrCat("not all sinks have a price (", absl::StrJoin(unpriced, ", "),
                        "), so nothing is said about a saving");
  }
  const Money whole = all_critical.total();
  if (saving_resized == Money()) return "the routes cost as much as if all went the critical way";
  const Money size{std::abs(saving_resized.micros)};
  const std::string share =
      whole == Money() ? "" : absl::StrCat(" (", PercentText(BasisPoints(size, whole)), ")");
  if (saving_resized < Money()) {
    return absl::StrCat("the routes cost ", CentsText(size), share,
                        " MORE than if all went the critical way: there is no saving");
  }
  return absl::StrCat("the routes cost ", CentsText(size), share,
                      " less than if all went the critical way");
}

absl::StatusOr<Comparison> Compare(const PriceList& prices, const RoutedUsage& usage,
                                   const std::string& critical_service,
                                   const Assumptions& assumptions) {
  const PricedService* critical = prices.Find(critical_service);
  if (critical == nullptr) {
    return MakeError(ErrorReason::kMalformedRequest,
                     absl::StrCat("the price list has no service '", critical_service, "'"));
  }
  Comparison out;
  for (const RoutedUsage::Route& route : usage.routes) {
    RouteCost cost;
    cost.route = route.name;
    cost.service = route.service;
    cost.usage = route.usage;
    out.routes.push_back(std::move(cost));
  }
  std::sort(out.routes.begin(), out.routes.end(),
            [](const RouteCost& a, const RouteCost& b) { return a.route < b.route; });
  NEXUS_RETURN_IF_ERROR(BillRoutes(prices, usage, assumptions, out));
  for (const RouteCost& route : out.routes) {
    if (!route.priced) out.unpriced.push_back(route.route);
  }
  NEXUS_ASSIGN_OR_RETURN(out.all_critical, BillOf(*critical, usage.all, assumptions));
  if (!out.comparable()) return out;
  Money variable;
  for (const Bill& bill : out.bills) variable += bill.variable;
  out.saving_now = out.all_critical.variable - variable;
  out.saving_resized = out.all_critical.total() - out.actual;
  return out;
}

}  // namespace nexus::cost
