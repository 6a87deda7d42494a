#pragma once

// What the calls of RouteService share.

#include <memory>
#include <string>
#include <utility>

#include "nexus/core/errors.h"
#include "rpc/route_convert.h"
#include "rpc/route_service.h"

namespace nexus::rpc {

template <typename CallPtr>
void RouteService::Changing(CallPtr call, absl::string_view action, route::RouteEvent event) {
  parts_.engine.questions().AskAboutAdminChange(
      action, call->caller(),
      [this, call, event = std::move(event)](absl::StatusOr<AdmissionStamp> stamp) mutable {
        if (!call->Ready(stamp.status())) return;
        routes_.book->Change(std::move(event), *std::move(stamp),
                             [this, call](absl::StatusOr<route::RouteRecord> route) {
                               if (route.ok())
                                 FillRoute(*route, routes_.router->Status(), call->response());
                               call->Finish(route.status());
                             });
      });
}

template <typename CallPtr>
void RouteService::Deciding(CallPtr call, absl::string_view action, route::LetterAction decision) {
  parts_.engine.questions().AskAboutAdminChange(
      action, call->caller(),
      [this, call, decision = std::move(decision)](absl::StatusOr<AdmissionStamp> stamp) mutable {
        if (!call->Ready(stamp.status())) return;
        routes_.letters->Decide(std::move(decision), *std::move(stamp),
                                [call](absl::StatusOr<route::Letter> letter) {
                                  if (letter.ok()) FillLetter(*letter, call->response());
                                  call->Finish(letter.status());
                                });
      });
}

template <typename CallPtr, typename Work>
void RouteService::OnWorker(CallPtr call, Work work) {
  const bool taken =
      parts_.engine.workers().TrySubmit([call, work = std::move(work)]() mutable { work(); });
  if (!taken) call->Finish(MakeError(ErrorReason::kOverloaded, "the workers are busy"));
}

}  // namespace nexus::rpc
