#pragma once

// nexus.admin.v1.RouteService over the router's book and its dead letters.

#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "nexus/admin/v1/route.pb.h"
#include "rpc/call_context.h"
#include "rpc/route_control.h"
#include "rpc/transport/method_table.h"
#include "rpc/unary.h"

namespace nexus::rpc {

class RouteService {
 public:
  RouteService(const ServiceParts& parts, RouteControl routes)
      : parts_(parts), routes_(std::move(routes)) {}

  void AddTo(MethodTable& table);

 private:
  template <typename Request, typename Response>
  using Call = UnaryPtr<Request, Response>;

  void ApplyRoute(Call<admin::v1::ApplyRouteRequest, admin::v1::ApplyRouteResponse> call);
  void RemoveRoute(Call<admin::v1::RemoveRouteRequest, admin::v1::Route> call);
  void ListRoutes(Call<admin::v1::ListRoutesRequest, admin::v1::ListRoutesResponse> call);
  void PauseRoute(Call<admin::v1::PauseRouteRequest, admin::v1::Route> call);
  void ResumeRoute(Call<admin::v1::ResumeRouteRequest, admin::v1::Route> call);
  void ReplayRoute(Call<admin::v1::ReplayRouteRequest, admin::v1::Route> call);
  void ApplyClassification(
      Call<admin::v1::ApplyClassificationRequest, admin::v1::Classification> call);
  void GetClassification(Call<admin::v1::GetClassificationRequest, admin::v1::Classification> call);
  void TestRoute(Call<admin::v1::TestRouteRequest, admin::v1::TestRouteResponse> call);
  void SimulateRoutes(
      Call<admin::v1::SimulateRoutesRequest, admin::v1::SimulateRoutesResponse> call);
  void TraceEvent(Call<admin::v1::TraceEventRequest, admin::v1::TraceEventResponse> call);
  absl::Status Trace(const admin::v1::TraceEventRequest& request,
                     admin::v1::TraceEventResponse& out) const;
  void ReconcileRoute(ServerCall& call, const grpc::ByteBuffer& bytes);
  void ListDeadLetters(
      Call<admin::v1::ListDeadLettersRequest, admin::v1::ListDeadLettersResponse> call);
  void GetDeadLetter(Call<admin::v1::GetDeadLetterRequest, admin::v1::DeadLetter> call);
  void RetryDeadLetter(Call<admin::v1::RetryDeadLetterRequest, admin::v1::DeadLetter> call);
  void SkipDeadLetter(Call<admin::v1::SkipDeadLetterRequest, admin::v1::DeadLetter> call);

  // A row whose handler runs only where there is routing.
  template <typename Request, typename Response>
  void Add(MethodTable& table, absl::string_view method,
           void (RouteService::*handler)(Call<Request, Response>));
  // Asks the policies about `action`, then has it written.
  template <typename CallPtr>
  void Changing(CallPtr call, absl::string_view action, route::RouteEvent event);
  template <typename CallPtr>
  void Deciding(CallPtr call, absl::string_view action, route::LetterAction decision);
  // On a worker: it reads from disk. Finishes the call where it is busy.
  template <typename CallPtr, typename Work>
  void OnWorker(CallPtr call, Work work);
  std::vector<std::string> WarningsOf(const route::RouteDeclaration& route) const;

  const ServiceParts parts_;
  const RouteControl routes_;
};

}  // namespace nexus::rpc
