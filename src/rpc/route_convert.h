#pragma once

// Routes and dead letters as messages.

#include <map>
#include <string>

#include "nexus/admin/v1/route.pb.h"
#include "route/book/route_state.h"
#include "route/declaration/classification.h"
#include "route/letter_events.h"
#include "route/route_trial.h"
#include "route/router.h"

namespace nexus::rpc {

using RunStatuses = std::map<std::string, route::RunStatus>;

void FillRoute(const route::RouteRecord& route, const RunStatuses& runs, admin::v1::Route& out);
void FillClassification(const route::Classification& rules, admin::v1::Classification& out);
void FillLetter(const route::Letter& letter, admin::v1::DeadLetter& out);
void FillTrial(const route::Explanation& explanation, const route::Classification& rules,
               admin::v1::TestRouteResponse& out);
void FillTrials(const std::vector<route::RouteTrial>& trials, admin::v1::TestRouteResponse& out);
void FillSimulation(const route::Simulation& simulation, admin::v1::SimulateRoutesResponse& out);

// Whether `letter` is one of those that are asked for.
bool IsAskedFor(const route::Letter& letter, const admin::v1::ListDeadLettersRequest& request);

}  // namespace nexus::rpc
