#pragma once

// Routes, dead letters and costs of a server, in the messages of the contract.
//
//   client::RouteClient routes(**client);
//   auto list = routes.List();
//
// Thread-safe; `client` must outlive it. Errors are those of client.h.

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "nexus/admin/v1/cost.pb.h"
#include "nexus/admin/v1/route.pb.h"
#include "nexus/client/client.h"

namespace nexus::client {

class RouteClient {
 public:
  explicit RouteClient(Client& client) : client_(client) {}

  absl::StatusOr<admin::v1::ApplyRouteResponse> Apply(const admin::v1::ApplyRouteRequest& request);
  absl::StatusOr<admin::v1::Route> Remove(const admin::v1::RemoveRouteRequest& request);
  absl::StatusOr<admin::v1::ListRoutesResponse> List();
  absl::StatusOr<admin::v1::Route> Pause(const admin::v1::PauseRouteRequest& request);
  absl::StatusOr<admin::v1::Route> Resume(const admin::v1::ResumeRouteRequest& request);
  absl::StatusOr<admin::v1::Route> Replay(const admin::v1::ReplayRouteRequest& request);

  absl::StatusOr<admin::v1::Classification> Classify(
      const admin::v1::ApplyClassificationRequest& request);
  absl::StatusOr<admin::v1::Classification> GetClassification();
  absl::StatusOr<admin::v1::TestRouteResponse> Test(const admin::v1::TestRouteRequest& request);
  absl::StatusOr<admin::v1::SimulateRoutesResponse> Simulate(
      const admin::v1::SimulateRoutesRequest& request);

  absl::StatusOr<admin::v1::TraceEventResponse> Trace(const admin::v1::TraceEventRequest& request);
  // The last message; `on_progress` gets each. Has no deadline but the request's.
  absl::StatusOr<admin::v1::ReconcileRouteResponse> Reconcile(
      const admin::v1::ReconcileRouteRequest& request,
      absl::FunctionRef<void(const admin::v1::ReconcileRouteResponse&)> on_progress);
  absl::StatusOr<admin::v1::ListDeadLettersResponse> ListLetters(
      const admin::v1::ListDeadLettersRequest& request);
  absl::StatusOr<admin::v1::DeadLetter> GetLetter(uint64_t id);
  absl::StatusOr<admin::v1::DeadLetter> RetryLetter(
      const admin::v1::RetryDeadLetterRequest& request);
  absl::StatusOr<admin::v1::DeadLetter> SkipLetter(const admin::v1::SkipDeadLetterRequest& request);

  absl::StatusOr<admin::v1::ReportCostResponse> ReportCost(
      const admin::v1::ReportCostRequest& request);

 private:
  Client& client_;
};

}  // namespace nexus::client
