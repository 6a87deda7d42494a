#include "route/book/route_book.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::route {

RouteBook::RouteBook(const RouteBookParts& parts, RouteBookOptions options)
    : parts_(parts),
      routes_max_(options.routes_max),
      classifications_(std::move(options.rules), parts.json),
      now_(std::make_shared<const RouteState>(options.routes)),
      stream_(StreamName::Literal(kRoutesStream), parts.log, parts.reader, parts.executor,
              parts.clock, parts.ids, [this](const RecordedEvent& event) { return Fold(event); }) {}

absl::Status RouteBook::Load() { return stream_.CatchUp(); }

void RouteBook::SetListener(std::function<void()> listener) { listener_ = std::move(listener); }

RouteBook::SnapshotPtr RouteBook::Snapshot() const {
  absl::MutexLock lock(&mutex_);
  return now_;
}

absl::Status RouteBook::Fold(const RecordedEvent& event) {
  NEXUS_ASSIGN_OR_RETURN(const RouteEvent change,
                         DecodeRouteEvent(event.type, event.data, parts_.json));
  return Take(change, {event.revision, event.recorded, std::string(event.principal)},
              event.position);
}

absl::Status RouteBook::Take(const RouteEvent& event, const EventPlace& place, Position position) {
  if (event.change == RouteChange::kClassified) {
    return classifications_.Learn(position, ClassificationText(*event.rules));
  }
  absl::MutexLock lock(&mutex_);
  RouteState next = *now_;
  NEXUS_RETURN_IF_ERROR(next.Apply(event, place));
  now_ = std::make_shared<const RouteState>(std::move(next));
  return absl::OkStatus();
}

RouteBook::Plan RouteBook::PlanOf(const RouteEvent& event) const {
  const SnapshotPtr now = Snapshot();
  NEXUS_RETURN_IF_ERROR(now->Check(event));
  if (now->IsSo(event)) return std::nullopt;
  const bool fresh = event.change == RouteChange::kDeclared && now->Find(event.name) == nullptr;
  if (fresh && now->routes().size() >= routes_max_) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("there are ", routes_max_, " routes already; more are not kept"));
  }
  return GovernanceStream::NewEvent{std::string(TypeOf(event.change)), EncodeRouteEvent(event)};
}

governance::JointPart RouteBook::ChangeTogether(Wanted wanted, std::string principal) {
  auto planned = std::make_shared<std::vector<RouteEvent>>();
  const auto plan = [this, wanted = std::move(wanted),
                     planned]() -> absl::StatusOr<std::vector<GovernanceStream::NewEvent>> {
    planned->clear();
    std::vector<GovernanceStream::NewEvent> written;
    RouteState state = *Snapshot();
    const size_t before = state.routes().size();
    NEXUS_ASSIGN_OR_RETURN(const std::vector<RouteEvent> events, wanted(state));
    for (const RouteEvent& event : events) {
      NEXUS_RETURN_IF_ERROR(state.Check(event));
      if (state.IsSo(event)) continue;
      NEXUS_RETURN_IF_ERROR(state.Apply(event, {}));
      planned->push_back(event);
      written.push_back({std::string(TypeOf(event.change)), EncodeRouteEvent(event)});
    }
    if (state.routes().size() > std::max(before, routes_max_)) {
      return MakeError(ErrorReason::kLimitExceeded,
                       absl::StrCat("there may be ", routes_max_, " routes"));
    }
    return written;
  };
  const auto apply = [this, planned, principal](Revision first, Position position,
                                                Timestamp recorded) {
    for (size_t i = 0; i < planned->size(); ++i) {
      // They were planned against this very state.
      Take((*planned)[i], {Revision(first.value + i), recorded, principal},
           Position(position.value + i))
          .IgnoreError();
    }
  };
  return {&stream_, plan, apply};
}

void RouteBook::TellListener() const {
  if (listener_) listener_();
}

void RouteBook::Change(RouteEvent event, AdmissionStamp stamp, Done done) {
  auto before = std::make_shared<RouteRecord>();  // of a route that is removed
  const std::string principal = stamp.principal;
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, event, before]() -> Plan {
    const SnapshotPtr now = Snapshot();
    if (const RouteRecord* route = now->Find(event.name)) *before = *route;
    return PlanOf(event);
  };
  change.apply_at = [this, event, principal](const CommitReceipt& receipt) {
    // It was planned against this very state.
    Take(event, {receipt.streams[0].last, receipt.recorded, principal}, receipt.last).IgnoreError();
  };
  change.done = [this, name = event.name, before,
                 done = std::move(done)](absl::Status outcome) mutable {
    if (outcome.ok() && listener_) listener_();
    if (!outcome.ok()) return done(std::move(outcome));
    const RouteRecord* route = nullptr;
    const SnapshotPtr now = Snapshot();
    route = now->Find(name);
    done(route == nullptr ? *before : *route);
  };
  stream_.Submit(std::move(change));
}

}  // namespace nexus::route
