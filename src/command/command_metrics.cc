#include "command/command_metrics.h"

#include <array>
#include <string>

namespace nexus::command {
namespace {

constexpr std::array kBuckets = {.0001, .00025, .0005, .001, .0025, .005, .01,
                                 .025,  .05,    .1,    .2,   .5,    1.0,  5.0};

Histogram& Phase(MetricsRegistry& registry, const char* phase) {
  return registry.GetHistogram("nexus_command_duration_seconds",
                               "Time of a command by phase: total (from its coming to its answer), "
                               "decide (in the domain's code), load (reading and folding events of "
                               "an aggregate that was not in memory).",
                               {{"phase", phase}}, kBuckets);
}

Counter& Lookups(MetricsRegistry& registry, const char* result) {
  return registry.GetCounter("nexus_aggregate_lookups_total",
                             "Aggregates that commands needed, by result: hit (in memory), miss "
                             "(read from the log).",
                             {{"result", result}});
}

}  // namespace

CommandMetrics::CommandMetrics(MetricsRegistry& metrics)
    : registry(metrics),
      duration(Phase(metrics, "total")),
      deciding(Phase(metrics, "decide")),
      loading(Phase(metrics, "load")),
      conflicts(metrics.GetCounter(
          "nexus_command_conflicts_total",
          "Decisions that were thrown away because another writer was first.", {})),
      hits(Lookups(metrics, "hit")),
      misses(Lookups(metrics, "miss")),
      loaded_events(metrics.GetCounter("nexus_aggregate_loaded_events_total",
                                       "Events read and folded for commands.", {})),
      live(metrics.GetGauge("nexus_aggregates_live", "Aggregates in memory.", {})) {}

Counter& CommandMetrics::Commands(absl::string_view type, absl::string_view result) const {
  return registry.GetCounter("nexus_commands_total",
                             "Commands answered, by type as declared and by result.",
                             {{"type", std::string(type)}, {"result", std::string(result)}});
}

}  // namespace nexus::command
