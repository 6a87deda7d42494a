#include "route/route_trial.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/stream_name.h"
#include "route/declaration/route_match.h"

namespace nexus::route {
namespace {

constexpr size_t kSamplesMax = 20;

double Bounded(double value) { return value > 0 ? std::min(1.0, value) : 0.0; }

std::string WhyOf(const CriticalityRules& rules, const RecordedEvent& event, double score) {
  const absl::string_view category = StreamName::CategoryOf(event.stream);
  const RoutingHints& hints = event.routing;
  if (rules.ordered_categories.contains(category)) {
    return absl::StrCat("the category ", category, " is ordered: it goes one path as a whole");
  }
  if (hints.max_latency_ms > 0 && hints.max_latency_ms < 1'000) {
    return absl::StrCat("its maximum latency of ", hints.max_latency_ms, " ms is below 1000 ms");
  }
  if (hints.criticality == Criticality::kHigh) return "it is declared as high";
  if (hints.criticality == Criticality::kLow) return "it is declared as low";
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
  const RoutingHints& hints = event.routing;
  const auto type = rules.type_weights.find(event.type);
  explanation.terms = {
      {"business_impact", Bounded(hints.business_impact), rules.business_impact_weight},
      {"ordering", hints.requires_ordering ? 1.0 : 0.0, rules.ordering_weight},
      {"latency", hints.max_latency_ms > 0 ? std::min(1.0, 100.0 / hints.max_latency_ms) : 0.0,
       rules.latency_weight},
      {"type", type == rules.type_weights.end() ? 0.0 : Bounded(type->second), rules.type_weight}};
  for (ScoreTerm& term : explanation.terms) term.contribution = term.value * term.weight;
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
  Position next = after.Next();
  while (next <= head) {
    NEXUS_ASSIGN_OR_RETURN(const EventBatch page,
                           reader.ReadAll(next, Direction::kForward, PageLimits()));
    if (page.events.empty()) break;
    for (const RecordedEvent& event : page.events) {
      if (event.position <= head) comparison.Look(event);
    }
    next = page.events.back().position.Next();
  }
  Simulation simulation = comparison.Take();
  simulation.from = after.Next();
  simulation.to = head;
  return simulation;
}

}  // namespace nexus::route
