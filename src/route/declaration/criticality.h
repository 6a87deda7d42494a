#pragma once

// Which path an event takes: the pure rule, stated in proto/nexus/v1/event.proto.

#include <array>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "nexus/core/event.h"
#include "route/declaration/criticality_model.h"

namespace nexus::route {

enum class Path { kStandard, kCritical };

// Configuration `route.criticality`.
struct CriticalityRules {
  double business_impact_weight = 0.4;
  double ordering_weight = 0.3;
  double latency_weight = 0.2;
  double type_weight = 0.1;
  double threshold = 0.6;                                 // critical: a score above it
  absl::flat_hash_map<std::string, double> type_weights;  // 0 to 1 by event type; absent: 0
  // Categories whose events all take one path: consumers there need the order of a stream whole,
  // and no order can be promised between two brokers.
  absl::flat_hash_map<std::string, Path> ordered_categories;
  // Scores in place of the weights, which then say nothing; null: they do.
  CriticalityModelPtr model = nullptr;
};

struct Verdict {
  double score = 0;  // 0 to 1 with the default weights or a model
  Path path = Path::kStandard;

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

// CONFIGURATION_INVALID unless weights, threshold and type weights lie in 0 to 1.
absl::Status CheckRules(const CriticalityRules& rules);

// What the weights look at; the score is the sum of the products. The names are for people.
struct WeightedTerm {
  absl::string_view name;
  double value = 0;  // 0 to 1
  double weight = 0;
};
std::array<WeightedTerm, 4> WeightedTerms(const CriticalityRules& rules,
                                          const RecordedEvent& event);

// What decides the path of an event, the first that applies.
enum class Decider { kOrderedCategory, kLatency, kDeclaredHigh, kDeclaredLow, kScore };
Decider WhoDecides(const CriticalityRules& rules, const RecordedEvent& event);

Verdict Judge(const CriticalityRules& rules, const RecordedEvent& event);

}  // namespace nexus::route
