#include "route/route_trial.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/stream_name.h"
#include "nexus/port/event_walk.h"
#include "route/declaration/route_match.h"

namespace nexus::route {
namespace {

constexpr size_t kSamplesMax = 20;

std::string WhyOf(const CriticalityRules& rules, const RecordedEvent& event, double score) {
  switch (WhoDecides(rules, event)) {
    case Decider::kOrderedCategory:
      return absl::StrCat("the category ", StreamName::CategoryOf(event.stream),
                          " is ordered: it goes one path as a whole");
    case Decider::kLatency:
      return absl::StrCat("its maximum latency of ", event.routing.max_latency_ms,
                          " ms is below 1000 ms");
    case Decider::kDeclaredHigh:
      return "it is declared as high";
    case Decider::kDeclaredLow:
      return "it is declared as low";
    case Decider::kScore:
      break;
  }
  return absl::StrCat(rules.model == nullptr ? "its score is " : "the model's score is ",
                      score > rules.threshold ? "above" : "not above", " the threshold of ",
                      rules.threshold);
}

double Real(Millionths value) { return static_cast<double>(value) / static_cast<double>(kOne); }

void ExplainByModel(const CriticalityModel& model, const RecordedEvent& event,
                    Explanation& explanation) {
  explanation.model = model.digest();
  explanation.log_odds = Real(model.LogOdds(event));
  for (ModelTerm& term : model.Explain(event)) {
    explanation.terms.push_back(
        {std::move(term.name), term.value, Real(term.weight), Real(term.contribution)});
  }
}

void ExplainByWeights(const CriticalityRules& rules, const RecordedEvent& event,
                      Explanation& explanation) {
  for (const WeightedTerm& term : WeightedTerms(rules, event)) {
    explanation.terms.push_back(
        {std::string(term.name), term.value, term.weight, term.value * term.weight});
  }
}

std::set<std::string> MatchedBy(const RouteSetting& setting, const RecordedEvent& event,
                                Path path) {
  std::set<std::string> names;
  for (const auto& [name, route] : setting.routes.routes()) {
    if (Matches(route.declaration.match, event, path)) names.insert(name);
  }
  return names;
}

class Comparison {
 public:
  Comparison(const RouteSetting& now, const RouteSetting& then) : now_(now), then_(then) {
    for (const RouteSetting* setting : {&now, &then}) {
      for (const auto& [name, route] : setting->routes.routes()) simulation_.routes[name];
    }
  }

  void Look(const RecordedEvent& event) {
    if (!event.stream.empty() && event.stream[0] == '$') return;
    ++simulation_.events;
    const Path before = Judge(now_.rules(event.position), event).path;
    const Path after = Judge(then_.rules(event.position), event).path;
    simulation_.critical_before += before == Path::kCritical ? 1 : 0;
    simulation_.critical_after += after == Path::kCritical ? 1 : 0;
    const std::set<std::string> here = MatchedBy(now_, event, before);
    const std::set<std::string> there = MatchedBy(then_, event, after);
    simulation_.unrouted_before += here.empty() ? 1 : 0;
    simulation_.unrouted_after += there.empty() ? 1 : 0;
    for (auto& [name, route] : simulation_.routes) {
      Count(name, here.contains(name), there.contains(name), route, event);
    }
  }

  Simulation Take() { return std::move(simulation_); }

 private:
  void Count(const std::string& name, bool before, bool after, SimulatedRoute& route,
             const RecordedEvent& event) {
    route.before += before ? 1 : 0;
    route.after += after ? 1 : 0;
    if (before == after) return;
    ++(after ? route.gained : route.lost);
    if (simulation_.samples.size() >= kSamplesMax) return;
    simulation_.samples.push_back(
        {event.position, std::string(event.stream), std::string(event.type), name, after});
  }

  const RouteSetting& now_;
  const RouteSetting& then_;
  Simulation simulation_;
};

}  // namespace

Explanation Explain(const CriticalityRules& rules, const RecordedEvent& event) {
  Explanation explanation;
  explanation.verdict = Judge(rules, event);
  if (rules.model != nullptr) {
    ExplainByModel(*rules.model, event, explanation);
  } else {
    ExplainByWeights(rules, event, explanation);
  }
  explanation.why = WhyOf(rules, event, explanation.verdict.score);
  return explanation;
}

std::vector<RouteTrial> TryRoutes(const RouteState& routes, const RecordedEvent& event, Path path) {
  std::vector<RouteTrial> trials;
  for (const auto& [name, route] : routes.routes()) {
    RouteTrial trial;
    trial.route = name;
    trial.why_not = WhyNot(route.declaration.match, event, path);
    trial.matches = trial.why_not.empty();
    trial.key = std::string(KeyOf(route.declaration.key, event));
    trial.paused = route.paused;
    trials.push_back(std::move(trial));
  }
  return trials;
}

absl::StatusOr<Simulation> Simulate(EventReader& reader, Position after, const RouteSetting& now,
                                    const RouteSetting& then) {
  Comparison comparison(now, then);
  const Position head = reader.Head();
  NEXUS_RETURN_IF_ERROR(ForEachEvent(
      reader, after.Next(), head, [] { return absl::OkStatus(); },
      [&](const RecordedEvent& event) { comparison.Look(event); }));
  Simulation simulation = comparison.Take();
  simulation.from = after.Next();
  simulation.to = head;
  return simulation;
}

}  // namespace nexus::route
