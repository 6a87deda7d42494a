#include "route/book/route_state.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::route {
namespace {

constexpr size_t kReplaysKept = 16;

// Forgets the oldest that have ended.
void TrimReplays(std::vector<ReplayRecord>& replays) {
  while (replays.size() > kReplaysKept) {
    const auto ended = std::find_if(replays.begin(), replays.end(),
                                    [](const ReplayRecord& replay) { return replay.ended; });
    if (ended == replays.end()) return;
    replays.erase(ended);
  }
}

const ReplayRecord* FindReplay(const RouteRecord& route, uint64_t id) {
  for (const ReplayRecord& replay : route.replays) {
    if (replay.id == id) return &replay;
  }
  return nullptr;
}

}  // namespace

RouteState::RouteState(const std::vector<RouteDeclaration>& configured) {
  for (const RouteDeclaration& declaration : configured) {
    RouteRecord& route = routes_[declaration.name];
    route.declaration = declaration;
    route.revision = RouteRevision(declaration);
    route.configured = true;
    route.paused = declaration.paused.value_or(false);
    generations_[declaration.name] = 0;
  }
}

const RouteRecord* RouteState::Find(absl::string_view name) const {
  const auto found = routes_.find(std::string(name));
  return found == routes_.end() ? nullptr : &found->second;
}

absl::Status RouteState::Check(const RouteEvent& event) const {
  if (event.change == RouteChange::kDeclared || event.change == RouteChange::kClassified) {
    return absl::OkStatus();
  }
  const RouteRecord* route = Find(event.name);
  if (route == nullptr) {
    return MakeError(ErrorReason::kNotFound, absl::StrCat("there is no route ", event.name));
  }
  if (event.change == RouteChange::kReplayEnded && FindReplay(*route, event.replay) == nullptr) {
    return MakeError(ErrorReason::kNotFound,
                     absl::StrCat("route ", event.name, " has no replay ", event.replay));
  }
  if (event.change == RouteChange::kReplayStarted &&
      (event.from.value == 0 || event.to < event.from)) {
    return MakeError(ErrorReason::kMalformedRequest,
                     absl::StrCat("from ", event.from.value, " to ", event.to.value,
                                  " is no range of positions"));
  }
  return absl::OkStatus();
}

bool RouteState::IsSo(const RouteEvent& event) const {
  const RouteRecord* route = Find(event.name);
  if (route == nullptr) return false;
  switch (event.change) {
    case RouteChange::kDeclared:
      return !event.restart && !route->configured &&
             route->revision == RouteRevision(*event.route) &&
             route->paused == event.route->paused.value_or(route->paused);
    case RouteChange::kPaused:
      return route->paused;
    case RouteChange::kResumed:
      return !route->paused;
    case RouteChange::kReplayEnded: {
      const ReplayRecord* replay = FindReplay(*route, event.replay);
      return replay != nullptr && replay->ended;
    }
    default:
      return false;
  }
}

absl::Status RouteState::Apply(const RouteEvent& event, const EventPlace& place) {
  if (event.change == RouteChange::kClassified) return absl::OkStatus();
  if (event.change == RouteChange::kDeclared) {
    Declare(event, place);
    return absl::OkStatus();
  }
  const auto found = routes_.find(event.name);
  // A route of the configuration may be gone from it since: what was said of it holds if it
  // returns, and is no damage.
  if (found == routes_.end()) return absl::OkStatus();
  RouteRecord& route = found->second;
  route.changed = place.recorded;
  route.changed_by = place.principal;
  switch (event.change) {
    case RouteChange::kRemoved:
      routes_.erase(found);
      break;
    case RouteChange::kPaused:
    case RouteChange::kResumed:
      route.paused = event.change == RouteChange::kPaused;
      break;
    case RouteChange::kReplayStarted:
      StartReplay(route, event, place);
      break;
    case RouteChange::kReplayEnded:
      for (ReplayRecord& replay : route.replays) {
        if (replay.id != event.replay) continue;
        replay.ended = true;
        replay.outcome = event.outcome;
      }
      break;
    default:
      break;
  }
  return absl::OkStatus();
}

void RouteState::Declare(const RouteEvent& event, const EventPlace& place) {
  const auto known = generations_.find(event.name);
  const bool lives = routes_.contains(event.name);
  uint64_t generation = known == generations_.end() ? 0 : known->second;
  // What was removed and comes back is another route.
  if (known != generations_.end() && (event.restart || !lives)) ++generation;
  generations_[event.name] = generation;
  RouteRecord& route = routes_[event.name];
  if (!lives) route.paused = false;
  route.declaration = *event.route;
  route.declaration.paused.reset();
  route.revision = RouteRevision(*event.route);
  route.generation = generation;
  route.paused = event.route->paused.value_or(route.paused);
  route.configured = false;
  route.changed = place.recorded;
  route.changed_by = place.principal;
}

void RouteState::StartReplay(RouteRecord& route, const RouteEvent& event, const EventPlace& place) {
  ReplayRecord replay;
  replay.id = place.revision.value;
  replay.from = event.from;
  replay.to = event.to;
  replay.started = place.recorded;
  replay.started_by = place.principal;
  route.replays.push_back(std::move(replay));
  TrimReplays(route.replays);
}

}  // namespace nexus::route
