#include "engine/rule_notices.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace nexus::engine {

RuleNotices::RuleNotices(MetricsRegistry& metrics, telemetry::Logger& logger, const Clock& clock,
                         Options options)
    : metrics_(metrics), logger_(logger), clock_(clock), options_(options) {}

void RuleNotices::Tell(absl::string_view operation, const PolicyAnswer& answer,
                       const Caller& caller) {
  if (answer.denials.empty() && answer.outcomes.empty()) return;
  {
    absl::MutexLock lock(&mutex_);
    for (const PolicyDenial& denial : answer.denials) {
      Count(operation, denial.rule, RuleMode::kDeny).count->Add(1);
    }
  }
  for (const RuleOutcome& outcome : answer.outcomes) TellOutcome(operation, outcome, caller);
}

RuleNotices::Seen& RuleNotices::Count(absl::string_view operation, absl::string_view rule,
                                      RuleMode mode) {
  const auto key = [&](absl::string_view of_operation, absl::string_view of_rule) {
    return absl::StrCat(of_operation, "\n", of_rule, "\n", static_cast<int>(mode));
  };
  const auto known = seen_.find(key(operation, rule));
  if (known != seen_.end()) return known->second;
  if (seen_.size() >= options_.rules_max) operation = rule = "other";
  const auto [place, is_new] = seen_.try_emplace(key(operation, rule));
  if (is_new) {
    place->second.count = &metrics_.GetCounter(
        "nexus_policy_rule_outcomes_total",
        "What rules of the policies found, by rule and mode: shadow and warn would have refused, "
        "deny has.",
        {{"operation", std::string(operation)},
         {"rule", std::string(rule)},
         {"mode", std::string(RuleModeName(mode))}});
  }
  return place->second;
}

void RuleNotices::TellOutcome(absl::string_view operation, const RuleOutcome& outcome,
                              const Caller& caller) {
  const absl::Duration now = clock_.Monotonic();
  uint64_t untold = 0;
  {
    absl::MutexLock lock(&mutex_);
    Seen& seen = Count(operation, outcome.rule, outcome.mode);
    seen.count->Add(1);
    if (now < seen.next_line) {
      ++seen.untold;
      return;
    }
    seen.next_line = now + options_.line_every;
    untold = std::exchange(seen.untold, 0);
  }
  logger_.Log(telemetry::Level::kInfo, "a rule would have refused",
              {{"operation", operation},
               {"rule", outcome.rule},
               {"mode", RuleModeName(outcome.mode)},
               {"message", outcome.message},
               {"principal", caller.principal.name},
               {"correlation_id", caller.correlation_id},
               {"untold_before", absl::StrCat(untold)}});
}

}  // namespace nexus::engine
