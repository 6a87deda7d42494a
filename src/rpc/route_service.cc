#include "rpc/route_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "rpc/route_calls.h"
#include "rpc/service_names.h"

namespace nexus::rpc {
namespace {

using route::RouteChange;
using route::RouteEvent;

RouteEvent EventOf(RouteChange change, const std::string& name, const std::string& comment) {
  RouteEvent event;
  event.change = change;
  event.name = name;
  event.comment = comment;
  return event;
}

}  // namespace

template <typename Request, typename Response>
void RouteService::Add(MethodTable& table, absl::string_view method,
                       void (RouteService::*handler)(Call<Request, Response>)) {
  const auto guarded = [this, handler](Call<Request, Response> call) {
    if (routes_.book == nullptr) {
      return call->Finish(MakeError(ErrorReason::kUnimplemented, kNothingIsRouted));
    }
    (this->*handler)(std::move(call));
  };
  table.Add(kRouteService, method, Unary<Request, Response>(parts_, guarded));
}

void RouteService::AddTo(MethodTable& table) {
  Add(table, "ApplyRoute", &RouteService::ApplyRoute);
  Add(table, "RemoveRoute", &RouteService::RemoveRoute);
  Add(table, "ListRoutes", &RouteService::ListRoutes);
  Add(table, "PauseRoute", &RouteService::PauseRoute);
  Add(table, "ResumeRoute", &RouteService::ResumeRoute);
  Add(table, "ReplayRoute", &RouteService::ReplayRoute);
  Add(table, "ApplyClassification", &RouteService::ApplyClassification);
  Add(table, "GetClassification", &RouteService::GetClassification);
  Add(table, "TestRoute", &RouteService::TestRoute);
  Add(table, "SimulateRoutes", &RouteService::SimulateRoutes);
  Add(table, "TraceEvent", &RouteService::TraceEvent);
  table.Add(
      kRouteService, "ReconcileRoute",
      {[this](ServerCall& call, const grpc::ByteBuffer& bytes) { ReconcileRoute(call, bytes); }});
  Add(table, "ListDeadLetters", &RouteService::ListDeadLetters);
  Add(table, "GetDeadLetter", &RouteService::GetDeadLetter);
  Add(table, "RetryDeadLetter", &RouteService::RetryDeadLetter);
  Add(table, "SkipDeadLetter", &RouteService::SkipDeadLetter);
}

std::vector<std::string> RouteService::WarningsOf(const route::RouteDeclaration& route) const {
  std::vector<std::string> warnings;
  const route::RouteBook::SnapshotPtr now = routes_.book->Snapshot();
  for (const auto& [name, other] : now->routes()) {
    if (name == route.name || other.declaration.sink != route.sink) continue;
    warnings.push_back(absl::StrCat("route ", name, " has the same sink: what both match is sent ",
                                    "there twice"));
  }
  if (route.transform && route.format == route::EventFormat::kRaw) {
    warnings.push_back("raw messages do not say that their data was transformed");
  }
  if (route.match.path != route::PathMatch::kAny) return warnings;
  if (route.match == route::RouteMatch()) {
    warnings.push_back("it matches every event of both paths");
  }
  return warnings;
}

void RouteService::ApplyRoute(
    Call<admin::v1::ApplyRouteRequest, admin::v1::ApplyRouteResponse> call) {
  auto route = route::ParseRoute(call->request().declaration(), *routes_.json);
  if (!call->Ready(route.status())) return;
  if (!call->Ready(routes_.check_sink(*route))) return;
  for (const std::string& warning : WarningsOf(*route)) call->response().add_warnings(warning);
  if (call->request().validate_only()) {
    route::RouteRecord record;
    record.declaration = *route;
    record.revision = route::RouteRevision(*route);
    FillRoute(record, {}, *call->response().mutable_route());
    return call->Finish(absl::OkStatus());
  }
  RouteEvent event = EventOf(RouteChange::kDeclared, route->name, call->request().comment());
  event.route = *std::move(route);
  event.restart = call->request().restart();
  parts_.engine.questions().AskAboutAdminChange(
      "apply_route", call->caller(),
      [this, call, event = std::move(event)](absl::StatusOr<AdmissionStamp> stamp) mutable {
        if (!call->Ready(stamp.status())) return;
        routes_.book->Change(std::move(event), *std::move(stamp),
                             [this, call](absl::StatusOr<route::RouteRecord> written) {
                               if (written.ok()) {
                                 FillRoute(*written, routes_.router->Status(),
                                           *call->response().mutable_route());
                               }
                               call->Finish(written.status());
                             });
      });
}

void RouteService::RemoveRoute(Call<admin::v1::RemoveRouteRequest, admin::v1::Route> call) {
  RouteEvent event =
      EventOf(RouteChange::kRemoved, call->request().name(), call->request().comment());
  Changing(std::move(call), "remove_route", std::move(event));
}

void RouteService::PauseRoute(Call<admin::v1::PauseRouteRequest, admin::v1::Route> call) {
  RouteEvent event =
      EventOf(RouteChange::kPaused, call->request().name(), call->request().comment());
  Changing(std::move(call), "pause_route", std::move(event));
}

void RouteService::ResumeRoute(Call<admin::v1::ResumeRouteRequest, admin::v1::Route> call) {
  RouteEvent event =
      EventOf(RouteChange::kResumed, call->request().name(), call->request().comment());
  Changing(std::move(call), "resume_route", std::move(event));
}

void RouteService::ReplayRoute(Call<admin::v1::ReplayRouteRequest, admin::v1::Route> call) {
  const admin::v1::ReplayRouteRequest& request = call->request();
  const Position head = parts_.engine.Head();
  RouteEvent event = EventOf(RouteChange::kReplayStarted, request.name(), request.comment());
  event.from = Position(request.from());
  event.to = request.to() == 0 ? head : Position(request.to());
  if (event.to > head) {
    return call->Finish(
        MakeError(ErrorReason::kPositionBeyondHead,
                  absl::StrCat("the log ends at ", head.value, ", before ", event.to.value)));
  }
  Changing(std::move(call), "replay_route", std::move(event));
}

void RouteService::ListRoutes(
    Call<admin::v1::ListRoutesRequest, admin::v1::ListRoutesResponse> call) {
  const route::RouteBook::SnapshotPtr now = routes_.book->Snapshot();
  const RunStatuses runs = routes_.router->Status();
  for (const auto& [name, route] : now->routes()) {
    FillRoute(route, runs, *call->response().add_routes());
  }
  call->Finish(absl::OkStatus());
}

void RouteService::ApplyClassification(
    Call<admin::v1::ApplyClassificationRequest, admin::v1::Classification> call) {
  auto rules = route::ParseClassification(call->request().classification(), *routes_.json);
  if (!call->Ready(rules.status())) return;
  RouteEvent event = EventOf(RouteChange::kClassified, "", call->request().comment());
  event.rules = *std::move(rules);
  parts_.engine.questions().AskAboutAdminChange(
      "apply_classification", call->caller(),
      [this, call, event = std::move(event)](absl::StatusOr<AdmissionStamp> stamp) mutable {
        if (!call->Ready(stamp.status())) return;
        routes_.book->Change(std::move(event), *std::move(stamp),
                             [this, call](const absl::StatusOr<route::RouteRecord>& written) {
                               FillClassification(*routes_.book->classifications().Latest(),
                                                  call->response());
                               call->Finish(written.status());
                             });
      });
}

void RouteService::GetClassification(
    Call<admin::v1::GetClassificationRequest, admin::v1::Classification> call) {
  FillClassification(*routes_.book->classifications().Latest(), call->response());
  call->Finish(absl::OkStatus());
}

}  // namespace nexus::rpc
