#include "policy/wasm/decision_metrics.h"

#include <array>

namespace nexus::policy {
namespace {

constexpr std::array kSeconds = {1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 1e-3, 1e-2, 1e-1};
constexpr char kDecisions[] = "nexus_policy_decisions_total";
constexpr char kDecisionsHelp[] =
    "Answers of the embedded policy engine, by where they come from: cache, evaluation, or failure "
    "(it could not decide).";
constexpr char kReloads[] = "nexus_policy_reloads_total";
constexpr char kReloadsHelp[] = "Policy bundles that were put in the place of another, or refused.";

}  // namespace

DecisionMetrics::DecisionMetrics(MetricsRegistry& registry)
    : cached(registry.GetCounter(kDecisions, kDecisionsHelp, {{"source", "cache"}})),
      evaluated(registry.GetCounter(kDecisions, kDecisionsHelp, {{"source", "evaluation"}})),
      failed(registry.GetCounter(kDecisions, kDecisionsHelp, {{"source", "failure"}})),
      evaluation_seconds(registry.GetHistogram("nexus_policy_evaluation_seconds",
                                               "Time of one evaluation by the embedded engine.", {},
                                               kSeconds)),
      reloaded(registry.GetCounter(kReloads, kReloadsHelp, {{"result", "ok"}})),
      refused(registry.GetCounter(kReloads, kReloadsHelp, {{"result", "refused"}})) {}

}  // namespace nexus::policy
