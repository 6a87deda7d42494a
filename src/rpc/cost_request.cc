#include "rpc/cost_request.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cost/prices/price_file.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "rpc/convert.h"

namespace nexus::rpc {
namespace {

constexpr uint64_t kDuplicatesMax = 100 * cost::kMillionths;
constexpr uint64_t kConsumersMax = 1'000;
constexpr uint64_t kBatchMax = 10'000;
constexpr uint64_t kStreamsMax = 10'000;
constexpr int64_t kMicrosPerSecond = 1'000'000;

absl::Status Malformed(absl::string_view message) {
  return MakeError(ErrorReason::kMalformedRequest, message);
}

absl::Status TakeBounded(absl::string_view name, uint64_t value, uint64_t max, uint64_t& out) {
  if (value > max) {
    return Malformed(absl::StrCat("assumptions.", name, " is ", value, "; at most ", max));
  }
  if (value != 0) out = value;
  return absl::OkStatus();
}

absl::Status CheckService(const cost::PriceList& prices, const std::string& service) {
  if (prices.Find(service) != nullptr) return absl::OkStatus();
  return Malformed(absl::StrCat("the price file has no service '", service, "'"));
}

// A route that is not there is a mistake in the request, not a route without a price.
absl::Status CheckNames(const route::RouteState& routes, const cost::PriceList& prices,
                        const admin::v1::CostAssumptions& request) {
  for (const auto& [name, service] : request.route_services()) {
    if (routes.Find(name) == nullptr) return Malformed(absl::StrCat("no route '", name, "'"));
    NEXUS_RETURN_IF_ERROR(CheckService(prices, service));
  }
  for (const auto& [kind, service] : request.sink_services()) {
    const bool used = std::any_of(
        routes.routes().begin(), routes.routes().end(),
        [&kind = kind](const auto& one) { return one.second.declaration.sink.kind == kind; });
    if (!used) return Malformed(absl::StrCat("no route has a sink of the kind '", kind, "'"));
    NEXUS_RETURN_IF_ERROR(CheckService(prices, service));
  }
  return absl::OkStatus();
}

std::string ServiceOf(const route::RouteDeclaration& route, const cost::PriceList& prices,
                      const admin::v1::CostAssumptions& request) {
  const auto by_route = request.route_services().find(route.name);
  if (by_route != request.route_services().end()) return by_route->second;
  const auto by_kind = request.sink_services().find(route.sink.kind);
  if (by_kind != request.sink_services().end()) return by_kind->second;
  const auto by_file = prices.sinks.find(route.sink.kind);
  return by_file == prices.sinks.end() ? "" : by_file->second;
}

}  // namespace

absl::StatusOr<OriginalPrices> PricesOf(const admin::v1::ReportCostRequest& request,
                                        const std::string& server_file) {
  if (!request.prices().empty()) {
    NEXUS_ASSIGN_OR_RETURN(cost::PriceList prices, cost::ParsePrices(request.prices()));
    return OriginalPrices{std::move(prices), "request"};
  }
  if (!server_file.empty()) {
    absl::StatusOr<cost::PriceList> prices = cost::ReadPriceFile(server_file);
    if (prices.ok()) return OriginalPrices{*std::move(prices), "server"};
    const std::string why(prices.status().message());
    return MakeError(ErrorReason::kConfigurationInvalid, absl::StrCat("cost.prices_file: ", why));
  }
  NEXUS_ASSIGN_OR_RETURN(cost::PriceList prices, cost::ParsePrices(cost::ShippedPricesText()));
  return OriginalPrices{std::move(prices), "built-in"};
}

absl::StatusOr<cost::Assumptions> AssumptionsOf(const admin::v1::CostAssumptions& request) {
  cost::Assumptions assumed;
  NEXUS_RETURN_IF_ERROR(TakeBounded("duplicate_millionths", request.duplicate_millionths(),
                                    kDuplicatesMax, assumed.duplicate_millionths));
  NEXUS_RETURN_IF_ERROR(TakeBounded("compressed_millionths", request.compressed_millionths(),
                                    cost::kMillionths, assumed.compressed_millionths));
  NEXUS_RETURN_IF_ERROR(
      TakeBounded("consumers", request.consumers(), kConsumersMax, assumed.consumers));
  NEXUS_RETURN_IF_ERROR(TakeBounded("batch", request.batch(), kBatchMax, assumed.batch));
  NEXUS_RETURN_IF_ERROR(TakeBounded("streams", request.streams(), kStreamsMax, assumed.streams));
  return assumed;
}

absl::StatusOr<BilledRoutes> BilledRoutesOf(const route::RouteState& routes,
                                            const cost::PriceList& prices,
                                            const admin::v1::CostAssumptions& request) {
  NEXUS_RETURN_IF_ERROR(CheckNames(routes, prices, request));
  BilledRoutes billed;
  billed.critical_service = request.critical_service();
  for (const auto& [name, record] : routes.routes()) {
    const route::RouteDeclaration& route = record.declaration;
    billed.routes.push_back({name, route.match, ServiceOf(route, prices, request)});
    if (billed.critical_service.empty() && route.match.path == route::PathMatch::kCritical) {
      billed.critical_service = billed.routes.back().service;
    }
  }
  if (billed.critical_service.empty()) {
    return Malformed("assumptions.critical_service is needed: no route takes critical events only");
  }
  NEXUS_RETURN_IF_ERROR(CheckService(prices, billed.critical_service));
  return billed;
}

absl::StatusOr<cost::PeriodRange> RangeOf(const admin::v1::ReportCostRequest& request,
                                          EventReader& reader) {
  const Position head = reader.Head();
  const bool timed = request.has_from_time() || request.has_to_time();
  if (timed && (request.from_position() != 0 || request.to_position() != 0)) {
    return Malformed("a period is given by positions or by times, not by both");
  }
  cost::PeriodRange range{Position(std::max<uint64_t>(1, request.from_position())),
                          request.to_position() == 0 ? head : Position(request.to_position())};
  if (range.to > head) {
    return MakeError(ErrorReason::kPositionBeyondHead,
                     absl::StrCat("the log ends at ", head.value, ", before ", range.to.value));
  }
  if (request.has_from_time()) {
    NEXUS_ASSIGN_OR_RETURN(range.from, reader.FirstRecordedAt(ToTimestamp(request.from_time())));
  }
  if (request.has_to_time()) {
    NEXUS_ASSIGN_OR_RETURN(const Position after,
                           reader.FirstRecordedAt(ToTimestamp(request.to_time())));
    range.to = Position(after.value - 1);
  }
  const bool backwards =
      timed ? request.has_from_time() && request.has_to_time() &&
                  ToTimestamp(request.from_time()) >= ToTimestamp(request.to_time())
            : head.value != 0 && range.from > range.to;
  if (backwards) return Malformed("the period ends before it begins");
  return range;
}

uint64_t SecondsOf(const admin::v1::ReportCostRequest& request,
                   const cost::MeasuredPeriod& period) {
  const bool any = period.events != 0;
  int64_t from = period.first.micros;
  // The second of the last event counts too.
  int64_t to = any ? period.last.micros + kMicrosPerSecond : from;
  if (request.has_from_time()) from = ToTimestamp(request.from_time()).micros;
  if (request.has_to_time()) to = ToTimestamp(request.to_time()).micros;
  if (!any && !(request.has_from_time() && request.has_to_time())) return 0;
  return static_cast<uint64_t>(std::max<int64_t>(0, to - from) / kMicrosPerSecond);
}

}  // namespace nexus::rpc
