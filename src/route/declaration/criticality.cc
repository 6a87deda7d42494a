#include "route/declaration/criticality.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/stream_name.h"

namespace nexus::route {
namespace {

constexpr uint32_t kUrgentBelowMs = 1'000;

// Also turns a NaN into 0.
double Clamp(double value) { return value > 0 ? std::min(1.0, value) : 0.0; }

absl::Status CheckShare(absl::string_view name, double value) {
  if (value >= 0 && value <= 1) return absl::OkStatus();
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat("route.criticality.", name, " is ", value, "; it must be 0 to 1"));
}

double Score(const CriticalityRules& rules, const RecordedEvent& event) {
  if (rules.model != nullptr) return rules.model->Score(event);
  double score = 0;
  for (const WeightedTerm& term : WeightedTerms(rules, event)) score += term.weight * term.value;
  return score;
}

}  // namespace

absl::Status CheckRules(const CriticalityRules& rules) {
  NEXUS_RETURN_IF_ERROR(CheckShare("business_impact", rules.business_impact_weight));
  NEXUS_RETURN_IF_ERROR(CheckShare("ordering", rules.ordering_weight));
  NEXUS_RETURN_IF_ERROR(CheckShare("latency", rules.latency_weight));
  NEXUS_RETURN_IF_ERROR(CheckShare("type", rules.type_weight));
  NEXUS_RETURN_IF_ERROR(CheckShare("threshold", rules.threshold));
  for (const auto& [type, weight] : rules.type_weights) {
    NEXUS_RETURN_IF_ERROR(CheckShare(absl::StrCat("type_weights.", type), weight));
  }
  return absl::OkStatus();
}

std::array<WeightedTerm, 4> WeightedTerms(const CriticalityRules& rules,
                                          const RecordedEvent& event) {
  const RoutingHints& hints = event.routing;
  const auto type = rules.type_weights.find(event.type);
  return {
      {{"business_impact", Clamp(hints.business_impact), rules.business_impact_weight},
       {"ordering", hints.requires_ordering ? 1.0 : 0.0, rules.ordering_weight},
       {"latency", hints.max_latency_ms > 0 ? std::min(1.0, 100.0 / hints.max_latency_ms) : 0.0,
        rules.latency_weight},
       {"type", type == rules.type_weights.end() ? 0.0 : Clamp(type->second), rules.type_weight}}};
}

Decider WhoDecides(const CriticalityRules& rules, const RecordedEvent& event) {
  if (rules.ordered_categories.contains(StreamName::CategoryOf(event.stream))) {
    return Decider::kOrderedCategory;
  }
  const RoutingHints& hints = event.routing;
  if (hints.max_latency_ms > 0 && hints.max_latency_ms < kUrgentBelowMs) return Decider::kLatency;
  if (hints.criticality == Criticality::kHigh) return Decider::kDeclaredHigh;
  if (hints.criticality == Criticality::kLow) return Decider::kDeclaredLow;
  return Decider::kScore;
}

Verdict Judge(const CriticalityRules& rules, const RecordedEvent& event) {
  Verdict verdict;
  verdict.score = Score(rules, event);
  switch (WhoDecides(rules, event)) {
    case Decider::kOrderedCategory:
      verdict.path = rules.ordered_categories.find(StreamName::CategoryOf(event.stream))->second;
      break;
    case Decider::kLatency:
    case Decider::kDeclaredHigh:
      verdict.path = Path::kCritical;
      break;
    case Decider::kDeclaredLow:
      break;
    case Decider::kScore:
      if (verdict.score > rules.threshold) verdict.path = Path::kCritical;
      break;
  }
  return verdict;
}

}  // namespace nexus::route
