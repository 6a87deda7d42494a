// RouteService/ReconcileRoute: what the broker holds, compared with the log.

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "route/reconcile/reconciliation.h"
#include "rpc/request_bytes.h"
#include "rpc/route_service.h"
#include "rpc/walk_reactor.h"

namespace nexus::rpc {
namespace {

using route::FindingKind;
using route::Reconciliation;

constexpr absl::Duration kTimeMax = absl::Hours(1);

void FillCounts(const route::ReconcileReport& report, admin::v1::ReconcileRouteResponse& out) {
  out.set_events(report.events);
  out.set_found(report.found);
  out.set_pending(report.pending);
  out.set_held_back(report.held_back);
  out.set_given_up(report.given_up);
  out.set_expired(report.expired);
  out.set_elsewhere(report.elsewhere);
  out.set_unknown(report.unknown);
  out.set_order_unknown(report.order_unknown);
  out.set_outside(report.outside);
  out.set_unmatched(report.unmatched);
  out.set_missing(report.count(FindingKind::kMissing));
  out.set_reordered(report.count(FindingKind::kReordered));
  out.set_moved(report.count(FindingKind::kMoved));
  out.set_foreign(report.count(FindingKind::kForeign));
  out.set_duplicates(report.count(FindingKind::kDuplicate));
  out.set_duplicates_known(report.duplicates_known);
  for (const route::Finding& finding : report.examples) {
    admin::v1::ReconcileFinding& row = *out.add_findings();
    row.set_kind(std::string(route::FindingName(finding.kind)));
    row.set_position(finding.position.value);
    row.set_text(finding.text);
  }
}

void FillReconciliation(const Reconciliation& walk, admin::v1::ReconcileRouteResponse& out) {
  out.set_from(walk.from().value);
  out.set_to(walk.to().value);
  out.set_reached(walk.reached().value);
  out.set_place(std::string(walk.place()));
  out.set_checkpoint(walk.checkpoint().value);
  out.set_records(walk.report().records);
  out.set_done(walk.done());
  if (walk.done()) FillCounts(walk.report(), out);
}

absl::StatusOr<route::ReconcileRange> RangeOf(const admin::v1::ReconcileRouteRequest& request) {
  route::ReconcileRange range{.from = Position(request.from()), .to = Position(request.to())};
  if (!request.has_time_limit()) return range;
  range.limit = absl::Seconds(request.time_limit().seconds()) +
                absl::Nanoseconds(request.time_limit().nanos());
  if (range.limit > absl::ZeroDuration() && range.limit <= kTimeMax) return range;
  return MakeError(
      ErrorReason::kMalformedRequest,
      absl::StrCat("time_limit is ", absl::FormatDuration(range.limit),
                   "; more than 0 and at most ", absl::FormatDuration(kTimeMax), " is needed"));
}

absl::StatusOr<std::unique_ptr<Reconciliation>> BeginReconciliation(
    const RouteControl& routes, const admin::v1::ReconcileRouteRequest& request) {
  if (routes.book == nullptr || routes.ledger == nullptr) {
    return MakeError(ErrorReason::kUnimplemented,
                     routes.book == nullptr
                         ? kNothingIsRouted
                         : "this server keeps no ledger (route.ledger_positions is 0)");
  }
  NEXUS_ASSIGN_OR_RETURN(const route::ReconcileRange range, RangeOf(request));
  const route::RouteBook::SnapshotPtr now = routes.book->Snapshot();
  const route::RouteRecord* record = now->Find(request.name());
  if (record == nullptr) {
    return MakeError(ErrorReason::kNotFound, absl::StrCat("there is no route ", request.name()));
  }
  NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<BrokerReader> broker,
                         routes.open_reader(record->declaration));
  const route::ReconcileParts parts{*routes.reader,
                                    *routes.json,
                                    *routes.ledger,
                                    *routes.checkpoints,
                                    routes.book->classifications(),
                                    *routes.clock};
  return std::make_unique<Reconciliation>(parts, *record, range, std::move(broker));
}

}  // namespace

void RouteService::ReconcileRoute(ServerCall& call, const grpc::ByteBuffer& bytes) {
  admin::v1::ReconcileRouteRequest request;
  const absl::Status parsed = ParseRequest(bytes, request);
  auto begin = [this, parsed, request]() -> absl::StatusOr<std::unique_ptr<Reconciliation>> {
    NEXUS_RETURN_IF_ERROR(parsed);
    return BeginReconciliation(routes_, request);
  };
  WalkReactor<Reconciliation, admin::v1::ReconcileRouteResponse>::Begin(
      call, parts_,
      [&engine = parts_.engine](engine::Caller caller, auto go) {
        engine.questions().AskAboutAdmin("reconcile_route", std::move(caller), std::move(go));
      },
      begin, FillReconciliation);
}

}  // namespace nexus::rpc
