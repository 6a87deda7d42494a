#include "command/remote_metrics.h"

#include <string>

namespace nexus::command {

RemoteMetrics::RemoteMetrics(MetricsRegistry& metrics)
    : registry(metrics),
      workers(metrics.GetGauge("nexus_handlers_connected",
                               "Workers that decide commands and are connected.", {})),
      out(metrics.GetGauge("nexus_handler_tasks_open",
                           "Tasks that a worker has and has not answered.", {})),
      seeking(metrics.GetGauge("nexus_handler_commands_waiting",
                               "Commands whose turn it is and that wait for a worker.", {})),
      moves(metrics.GetCounter("nexus_handler_moves_total",
                               "Tasks that went to another worker than the stream's task before.",
                               {})) {}

Counter& RemoteMetrics::Tasks(absl::string_view aggregate, absl::string_view outcome) const {
  return registry.GetCounter(
      "nexus_handler_tasks_total",
      "Tasks given to workers, by aggregate and by what became of them: events, rejection, "
      "failure, needs_events, timeout, gone (the worker ended), withdrawn (before it was sent).",
      {{"aggregate", std::string(aggregate)}, {"outcome", std::string(outcome)}});
}

Counter& RemoteMetrics::Ignored(absl::string_view why) const {
  return registry.GetCounter("nexus_handler_answers_ignored_total",
                             "Answers of workers that nobody waited for: late (after the task was "
                             "given up), repeated, unknown (no task of that connection).",
                             {{"why", std::string(why)}});
}

}  // namespace nexus::command
