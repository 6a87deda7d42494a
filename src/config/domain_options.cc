#include "config/domain_options.h"

#include <array>

namespace nexus::config {
namespace {

using C = NexusConfig;

constexpr std::array kOptions = {
    Option{"command.threads", [](C& c) -> Field { return &c.command.threads; }, "",
           "Threads that run the code of domains, each with aggregates of its own. 0: one for "
           "every four cores, at least one.",
           0, 256},
    Option{"command.commands_max", [](C& c) -> Field { return &c.command.commands_max; }, "",
           "Commands waiting or under way; more are refused as OVERLOADED.", 1, 1'000'000},
    Option{"command.wait_max_ms", [](C& c) -> Field { return &c.command.wait_max_ms; }, "ms",
           "A command that would wait for longer for those to its aggregate that came before it is "
           "refused at once as OVERLOADED; eight may wait whatever is expected. 0: none is.",
           0, 600'000},
    Option{"command.aggregates_max", [](C& c) -> Field { return &c.command.aggregates_max; }, "",
           "Aggregates that are kept in memory; the one used longest ago goes first.", 1,
           10'000'000},
    Option{"command.call_time_ms", [](C& c) -> Field { return &c.command.call_time_ms; }, "ms",
           "The most processor time that one call of a domain's code may take.", 1, 60'000},
    Option{"command.call_bytes_max", [](C& c) -> Field { return &c.command.call_bytes_max; },
           "bytes", "The most memory that one call of a domain's code may take.", 1 << 20, 4e9},
    Option{"command.heap_bytes_max", [](C& c) -> Field { return &c.command.heap_bytes_max; },
           "bytes", "The most memory that the script engine of one thread may take.", 32 << 20,
           4e9},
    Option{"command.remote_workers_max",
           [](C& c) -> Field { return &c.command.remote_workers_max; }, "",
           "Workers that may be connected to decide commands.", 1, 100'000},
    Option{"command.remote_tasks_max", [](C& c) -> Field { return &c.command.remote_tasks_max; },
           "", "Tasks that one worker may have at once, whatever it asks for.", 1, 100'000},
    Option{"command.remote_timeout_ms", [](C& c) -> Field { return &c.command.remote_timeout_ms; },
           "ms", "How long a worker has for a task; then it is given to another.", 10, 600'000},
    Option{"command.remote_absence_ms", [](C& c) -> Field { return &c.command.remote_absence_ms; },
           "ms",
           "How long a command waits if no worker for its aggregate is connected; then it is "
           "HANDLER_UNAVAILABLE.",
           0, 600'000},
    Option{"command.remote_heartbeat_ms",
           [](C& c) -> Field { return &c.command.remote_heartbeat_ms; }, "ms",
           "How often a worker has to send something. Who is silent for three times as long is "
           "gone.",
           10, 600'000},

    Option{"snapshots.enabled", [](C& c) -> Field { return &c.snapshots.enabled; }, "",
           "Makes snapshots of aggregates, and begins with them when one is loaded."},
    Option{"snapshots.max_age_hours", [](C& c) -> Field { return &c.snapshots.max_age_hours; }, "h",
           "An aggregate with events since its last snapshot gets another when that is older. 0: "
           "never.",
           0, 87'600},
    Option{"snapshots.keep_max", [](C& c) -> Field { return &c.snapshots.keep_max; }, "",
           "Snapshots that are kept of one aggregate at most, whatever it declares.", 1, 100},
    Option{"snapshots.waiting_max", [](C& c) -> Field { return &c.snapshots.waiting_max; }, "",
           "Snapshots that may wait to be written; one more is not made, and found due again.", 1,
           10'000},

    Option{"temporal.events_max", [](C& c) -> Field { return &c.temporal.events_max; }, "",
           "Events that one call about the past folds, before a continuation.", 1, 1'000'000},
    Option{"temporal.span_days_max", [](C& c) -> Field { return &c.temporal.span_days_max; },
           "days",
           "Time between the first and the last event that one call folds, and between two points "
           "that are compared.",
           1, 36'500},
    Option{"temporal.time_max_ms", [](C& c) -> Field { return &c.temporal.time_max_ms; }, "ms",
           "The longest that a query of the past runs, before a continuation.", 10, 600'000},
    Option{"temporal.waiting_max", [](C& c) -> Field { return &c.temporal.waiting_max; }, "",
           "Queries of the past that wait; more are refused as OVERLOADED.", 1, 100'000},
};

}  // namespace

absl::Span<const Option> DomainOptions() { return kOptions; }

}  // namespace nexus::config
