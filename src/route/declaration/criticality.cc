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
  const RoutingHints& hints = event.routing;
  const double latency =
      hints.max_latency_ms > 0 ? std::min(1.0, 100.0 / hints.max_latency_ms) : 0.0;
  const auto type = rules.type_weights.find(event.type);
  return rules.business_impact_weight * Clamp(hints.business_impact) +
         rules.ordering_weight * (hints.requires_ordering ? 1 : 0) +
         rules.latency_weight * latency +
         rules.type_weight * (type == rules.type_weights.end() ? 0.0 : Clamp(type->second));
}

bool IsCritical(const CriticalityRules& rules, const RoutingHints& hints, double score) {
  if (hints.max_latency_ms > 0 && hints.max_latency_ms < kUrgentBelowMs) return true;
  if (hints.criticality == Criticality::kHigh) return true;
  return hints.criticality != Criticality::kLow && score > rules.threshold;
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

Verdict Judge(const CriticalityRules& rules, const RecordedEvent& event) {
  Verdict verdict;
  verdict.score = Score(rules, event);
  const auto ordered = rules.ordered_categories.find(StreamName::CategoryOf(event.stream));
  if (ordered != rules.ordered_categories.end()) {
    verdict.path = ordered->second;
  } else if (IsCritical(rules, event.routing, verdict.score)) {
    verdict.path = Path::kCritical;
  }
  return verdict;
}

}  // namespace nexus::route
