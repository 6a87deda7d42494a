// Routes and dead letters: the client's part.

#include "client/parts.h"
#include "client/status.h"
#include "nexus/client/route.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {
namespace {

using admin::v1::RouteService;

// One call of the service.
template <typename Parts, typename Response, typename Request>
absl::StatusOr<Response> Ask(Parts& parts,
                             grpc::Status (RouteService::Stub::*method)(grpc::ClientContext*,
                                                                        const Request&, Response*),
                             const Request& request) {
  Call call(parts.calls, parts.options.token, parts.options.timeout);
  Response response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc((parts.routes.get()->*method)(call.context(), request, &response)));
  return response;
}

}  // namespace

using Stub = RouteService::Stub;

absl::StatusOr<admin::v1::ApplyRouteResponse> RouteClient::Apply(
    const admin::v1::ApplyRouteRequest& request) {
  return Ask(*client_.parts_, &Stub::ApplyRoute, request);
}
absl::StatusOr<admin::v1::Route> RouteClient::Remove(const admin::v1::RemoveRouteRequest& request) {
  return Ask(*client_.parts_, &Stub::RemoveRoute, request);
}
absl::StatusOr<admin::v1::ListRoutesResponse> RouteClient::List() {
  return Ask(*client_.parts_, &Stub::ListRoutes, admin::v1::ListRoutesRequest());
}
absl::StatusOr<admin::v1::Route> RouteClient::Pause(const admin::v1::PauseRouteRequest& request) {
  return Ask(*client_.parts_, &Stub::PauseRoute, request);
}
absl::StatusOr<admin::v1::Route> RouteClient::Resume(const admin::v1::ResumeRouteRequest& request) {
  return Ask(*client_.parts_, &Stub::ResumeRoute, request);
}
absl::StatusOr<admin::v1::Route> RouteClient::Replay(const admin::v1::ReplayRouteRequest& request) {
  return Ask(*client_.parts_, &Stub::ReplayRoute, request);
}
absl::StatusOr<admin::v1::Classification> RouteClient::Classify(
    const admin::v1::ApplyClassificationRequest& request) {
  return Ask(*client_.parts_, &Stub::ApplyClassification, request);
}
absl::StatusOr<admin::v1::Classification> RouteClient::GetClassification() {
  return Ask(*client_.parts_, &Stub::GetClassification, admin::v1::GetClassificationRequest());
}
absl::StatusOr<admin::v1::TestRouteResponse> RouteClient::Test(
    const admin::v1::TestRouteRequest& request) {
  return Ask(*client_.parts_, &Stub::TestRoute, request);
}
absl::StatusOr<admin::v1::SimulateRoutesResponse> RouteClient::Simulate(
    const admin::v1::SimulateRoutesRequest& request) {
  return Ask(*client_.parts_, &Stub::SimulateRoutes, request);
}
absl::StatusOr<admin::v1::TraceEventResponse> RouteClient::Trace(
    const admin::v1::TraceEventRequest& request) {
  return Ask(*client_.parts_, &Stub::TraceEvent, request);
}
absl::StatusOr<admin::v1::ReconcileRouteResponse> RouteClient::Reconcile(
    const admin::v1::ReconcileRouteRequest& request,
    absl::FunctionRef<void(const admin::v1::ReconcileRouteResponse&)> on_progress) {
  Call call(client_.parts_->calls, client_.parts_->options.token, absl::InfiniteDuration());
  const auto reader = client_.parts_->routes->ReconcileRoute(call.context(), request);
  admin::v1::ReconcileRouteResponse now;
  while (reader->Read(&now)) on_progress(now);
  NEXUS_RETURN_IF_ERROR(FromGrpc(reader->Finish()));
  if (now.done()) return now;
  return MakeError(ErrorReason::kNotReady, "the server ended the comparison early");
}
absl::StatusOr<admin::v1::ListDeadLettersResponse> RouteClient::ListLetters(
    const admin::v1::ListDeadLettersRequest& request) {
  return Ask(*client_.parts_, &Stub::ListDeadLetters, request);
}
absl::StatusOr<admin::v1::DeadLetter> RouteClient::GetLetter(uint64_t id) {
  admin::v1::GetDeadLetterRequest request;
  request.set_id(id);
  return Ask(*client_.parts_, &Stub::GetDeadLetter, request);
}
absl::StatusOr<admin::v1::DeadLetter> RouteClient::RetryLetter(
    const admin::v1::RetryDeadLetterRequest& request) {
  return Ask(*client_.parts_, &Stub::RetryDeadLetter, request);
}
absl::StatusOr<admin::v1::DeadLetter> RouteClient::SkipLetter(
    const admin::v1::SkipDeadLetterRequest& request) {
  return Ask(*client_.parts_, &Stub::SkipDeadLetter, request);
}

absl::StatusOr<admin::v1::ReportCostResponse> RouteClient::ReportCost(
    const admin::v1::ReportCostRequest& request) {
  Call call(client_.parts_->calls, client_.parts_->options.token, client_.parts_->options.timeout);
  admin::v1::ReportCostResponse response;
  NEXUS_RETURN_IF_ERROR(
      FromGrpc(client_.parts_->costs->ReportCost(call.context(), request, &response)));
  return response;
}

}  // namespace nexus::client
