#include "route/pace/append_pace.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "route/declaration/route_match.h"

namespace nexus::route {
namespace {

constexpr double kBegins = 0.25;  // of the promise; what follows is the rest of the way to kFull
constexpr double kFull = 0.75;

bool Waits(const RouteMatch& match, const Classification& rules, const RecordedEvent& event) {
  // A route of both paths has no use for the verdict, which costs more than the rest.
  const Path path =
      match.path == PathMatch::kAny ? Path::kStandard : Judge(rules.rules, event).path;
  return Matches(match, event, path);
}

}  // namespace

absl::Duration PaceFor(absl::Duration lag, absl::Duration promise, absl::Duration max) {
  const double share = absl::FDivDuration(lag, promise);
  if (!(share <= kReach)) return absl::ZeroDuration();
  return max * std::clamp((share - kBegins) / (kFull - kBegins), 0.0, 1.0);
}

AppendPace::AppendPace(const Clock& clock, MetricsRegistry& metrics, Options options)
    : clock_(clock), metrics_(metrics), options_(options) {}

std::unique_ptr<AppendPace::Route> AppendPace::Watch(const std::string& name, RouteMatch match) {
  Gauge& shown = metrics_.GetGauge("nexus_append_pace_seconds",
                                   "How long an append of an event that the route matches waits.",
                                   {{"route", name}});
  std::unique_ptr<Route> route(new Route(*this, std::move(match), shown));
  absl::MutexLock lock(&mutex_);
  routes_.push_back(route.get());
  return route;
}

absl::Duration AppendPace::WaitFor(const RecordedEvent& event) const {
  if (absl::StartsWith(event.stream, "$")) return absl::ZeroDuration();
  absl::Duration longest;
  const absl::Duration now = clock_.Monotonic();
  absl::MutexLock lock(&mutex_);
  for (const Route* route : routes_) {
    if (route->wait_ <= longest || now - route->reported_ > options_.fresh) continue;
    if (Waits(route->match_, *route->rules_, event)) longest = route->wait_;
  }
  return longest;
}

// A route of one path has one promise. On a route of both, the events of either stand in the way of
// the other's, so all of them wait for whichever promise is closer to breaking.
absl::Duration AppendPace::WaitOf(const RouteMatch& match, const RouteLag& lag) const {
  absl::Duration wait;
  if (match.path != PathMatch::kStandard) {
    wait = PaceFor(lag.critical, kCriticalPromise, options_.wait_max);
  }
  if (match.path != PathMatch::kCritical) {
    wait = std::max(wait, PaceFor(lag.standard, kStandardPromise, options_.wait_max));
  }
  return wait;
}

void AppendPace::Update() {
  active_.store(std::any_of(routes_.begin(), routes_.end(),
                            [](const Route* one) { return one->wait_ > absl::ZeroDuration(); }),
                std::memory_order_relaxed);
}

AppendPace::Route::Route(AppendPace& pace, RouteMatch match, Gauge& shown)
    : pace_(pace), match_(std::move(match)), shown_(shown) {
  shown_.Set(0);
}

AppendPace::Route::~Route() {
  absl::MutexLock lock(&pace_.mutex_);
  std::vector<Route*>& routes = pace_.routes_;
  routes.erase(std::remove(routes.begin(), routes.end(), this), routes.end());
  pace_.Update();
  shown_.Set(0);
}

void AppendPace::Route::Report(const RouteLag& lag, bool takes, ClassificationPtr rules) {
  const absl::Duration wait = takes ? pace_.WaitOf(match_, lag) : absl::ZeroDuration();
  absl::MutexLock lock(&pace_.mutex_);
  if (wait != wait_) shown_.Set(absl::ToDoubleSeconds(wait));
  wait_ = wait;
  reported_ = pace_.clock_.Monotonic();
  rules_ = std::move(rules);
  pace_.Update();
}

}  // namespace nexus::route
