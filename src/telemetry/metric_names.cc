#include "telemetry/metric_names.h"

#include <array>

#include "absl/strings/str_cat.h"

namespace nexus::telemetry {
namespace {

using K = MetricKind;

constexpr std::array kMetrics = {
    metric::kBuildInfo,
    MetricInfo{"nexus_appends_total", K::kCounter, "result",
               "Commits answered, by result: ok, or the reason of the error."},
    MetricInfo{"nexus_events_appended_total", K::kCounter, "", "Events stored."},
    MetricInfo{"nexus_append_bytes_total", K::kCounter, "", "Bytes of event data stored."},
    MetricInfo{"nexus_append_duration_seconds", K::kHistogram, "phase",
               "Time of an append by phase: decide (schema and policy), commit (order, write, "
               "sync)."},
    MetricInfo{"nexus_undeclared_field_events_total", K::kCounter, "action",
               "Events in commits that were judged and have fields that their schema does not "
               "declare, by what their subject does: warn, reject."},
    MetricInfo{
        "nexus_append_dropped_total", K::kCounter, "why",
        "Commits that were turned away or dropped under load, by why: full (no place), wait "
        "(it would have been too late), share (of its client), late (it was, and nothing had "
        "been written), gone (so had its client, while the commit was held back)."},
    MetricInfo{"nexus_append_paced_total", K::kCounter, "",
               "Commits that were held back because a route lags."},
    MetricInfo{"nexus_append_pace_seconds", K::kGauge, "route",
               "How long an append of an event that the route matches waits."},
    MetricInfo{"nexus_rate_limited_total", K::kCounter, "limit",
               "Calls that were refused because their client had used up a limit, by limit."},
    MetricInfo{"nexus_append_conditional_total", K::kCounter, "checked",
               "Commits with append conditions, by where these were looked up before the proposal: "
               "memory, or log (it was read)."},
    MetricInfo{"nexus_commands_total", K::kCounter, "type, result",
               "Commands answered, by type as declared (empty: not admitted to an aggregate) and "
               "by result: OK, REPEATED, or the reason of the error."},
    MetricInfo{"nexus_command_duration_seconds", K::kHistogram, "phase",
               "Time of a command by phase: total (from its coming to its answer), decide (in the "
               "domain's code), load (reading and folding events of an aggregate that was not in "
               "memory)."},
    MetricInfo{"nexus_command_conflicts_total", K::kCounter, "",
               "Decisions that were thrown away because another writer was first."},
    MetricInfo{"nexus_temporal_queries_total", K::kCounter, "kind, result",
               "Queries of the past answered, by kind (state_as_of, diff, field_history) and by "
               "result: OK, or the reason of the error."},
    MetricInfo{"nexus_temporal_query_duration_seconds", K::kHistogram, "",
               "Time of a query of the past, from its coming to its answer."},
    MetricInfo{"nexus_temporal_events_total", K::kCounter, "",
               "Events folded for queries of the past."},
    MetricInfo{
        "nexus_aggregate_lookups_total", K::kCounter, "result",
        "Aggregates that commands needed, by result: hit (in memory), miss (read from the log)."},
    MetricInfo{"nexus_aggregate_loaded_events_total", K::kCounter, "",
               "Events read and folded for commands."},
    MetricInfo{"nexus_aggregates_live", K::kGauge, "", "Aggregates in memory."},
    MetricInfo{"nexus_handlers_connected", K::kGauge, "",
               "Workers that decide commands and are connected."},
    MetricInfo{"nexus_handler_tasks_open", K::kGauge, "",
               "Tasks that a worker has and has not answered."},
    MetricInfo{"nexus_handler_commands_waiting", K::kGauge, "",
               "Commands whose turn it is and that wait for a worker."},
    MetricInfo{"nexus_handler_tasks_total", K::kCounter, "aggregate, outcome",
               "Tasks given to workers, by aggregate and by what became of them: events, "
               "rejection, failure, needs_events, timeout, gone (the worker ended), withdrawn "
               "(before it was sent)."},
    MetricInfo{"nexus_handler_moves_total", K::kCounter, "",
               "Tasks that went to another worker than the stream's task before."},
    MetricInfo{"nexus_handler_answers_ignored_total", K::kCounter, "why",
               "Answers of workers that nobody waited for: late (after the task was given up), "
               "repeated, unknown (no task of that connection)."},
    MetricInfo{"nexus_snapshots_made_total", K::kCounter, "reason",
               "Snapshots stored, by reason: events (so many since the last), state (so large), "
               "age (the last is old), request."},
    MetricInfo{"nexus_snapshots_used_total", K::kCounter, "",
               "Aggregates whose state began with a snapshot."},
    MetricInfo{
        "nexus_snapshots_replay_saved_total", K::kCounter, "",
        "Events that did not have to be folded because a snapshot held what they add up to."},
    MetricInfo{"nexus_snapshots_ignored_total", K::kCounter, "reason",
               "Snapshots passed over, by reason: code (other code made it), corrupt, ahead (the "
               "stream does not have the event that it ends with)."},
    MetricInfo{"nexus_snapshots_failed_total", K::kCounter, "reason",
               "Snapshots that were not made, by reason: code (the domain's code failed), queue "
               "(too much waits to be written), write."},
    MetricInfo{"nexus_snapshots_written_bytes_total", K::kCounter, "",
               "Bytes of the states of snapshots that were written."},
    MetricInfo{"nexus_snapshots_expired_total", K::kCounter, "",
               "Snapshots removed because newer ones are enough."},
    MetricInfo{"nexus_snapshots_delay_seconds", K::kHistogram, "",
               "Time from the decision for a snapshot until it was stored."},
    MetricInfo{"nexus_snapshots_used_age_seconds", K::kHistogram, "",
               "Age of snapshots when they were used."},
    MetricInfo{"nexus_snapshots_oldest_age_seconds", K::kGauge, "",
               "Age of the oldest snapshot that is the newest of an aggregate with events since, "
               "as of the last look at all of them."},
    MetricInfo{"nexus_snapshots_kept", K::kGauge, "",
               "Snapshots that are kept, as of the last look at all of them."},
    MetricInfo{"nexus_snapshots_kept_bytes", K::kGauge, "",
               "Bytes of their states, as of the last look at all of them."},
    MetricInfo{"nexus_policy_decisions_total", K::kCounter, "source",
               "Answers of the embedded policy engine, by where they come from: cache, evaluation, "
               "or failure (it could not decide)."},
    MetricInfo{"nexus_policy_evaluation_seconds", K::kHistogram, "",
               "Time of one evaluation by the embedded engine."},
    MetricInfo{"nexus_policy_reloads_total", K::kCounter, "result",
               "Policy bundles that were put in the place of another, or refused."},
    MetricInfo{"nexus_policy_bundle_fetches_total", K::kCounter, "result",
               "Questions to the bundle server, by result: new (a bundle came), unchanged, "
               "failed."},
    MetricInfo{"nexus_policy_rule_outcomes_total", K::kCounter, "operation, rule, mode",
               "What rules of the policies found, by rule and mode: shadow and warn would have "
               "refused, deny has."},
    MetricInfo{"nexus_cache_requests_total", K::kCounter, "cache, result",
               "Questions to a cache, by whether it knew the answer (hit, miss): tokens (verified "
               "JSON Web Tokens), pages (the newest pages, for all followers), encoded_pages (the "
               "same as bytes), stream_heads (while ordering), blocks (of the log's files). Of "
               "decisions: nexus_policy_decisions_total."},
    MetricInfo{"nexus_audit_events_total", K::kCounter, "ledger",
               "Events written to a stream of refusals and administration."},
    MetricInfo{"nexus_audit_merged_total", K::kCounter, "ledger",
               "Refusals and failures that were counted into an event which tells of another one "
               "too."},
    MetricInfo{"nexus_audit_write_failures_total", K::kCounter, "ledger",
               "Commits to such a stream that the log did not take; they are tried again."},
    MetricInfo{"nexus_log_commits_total", K::kCounter, "result",
               "Commits that were ordered, by result."},
    MetricInfo{"nexus_log_events_total", K::kCounter, "", "Events stored."},
    MetricInfo{"nexus_log_bytes_total", K::kCounter, "", "Bytes of stored commit records."},
    MetricInfo{"nexus_log_head_position", K::kGauge, "", "Last durable position."},
    MetricInfo{"nexus_log_anchor_position", K::kGauge, "",
               "Position that the anchor file vouches for."},
    MetricInfo{"nexus_log_anchor_writes_total", K::kCounter, "", "Anchors written."},
    MetricInfo{"nexus_log_incarnation", K::kGauge, "",
               "Goes up when a loss is accepted or a log restored."},
    MetricInfo{"nexus_log_torn_tails_total", K::kCounter, "",
               "Unacknowledged last writes dropped at open."},
    MetricInfo{"nexus_log_queued_commits", K::kGauge, "", "Commits waiting to be ordered."},
    MetricInfo{"nexus_log_group_commits", K::kHistogram, "", "Commits in one synced write."},
    MetricInfo{"nexus_log_write_seconds", K::kHistogram, "", "Duration of one synced write."},
    MetricInfo{"nexus_log_write_stalls_total", K::kCounter, "",
               "Writes that had to wait for flushes or compactions."},
    MetricInfo{"nexus_log_disk_full", K::kGauge, "",
               "1 while appends are refused for lack of disk space."},
    MetricInfo{"nexus_disk_free_bytes", K::kGauge, "",
               "Free bytes on the disk of the data folder."},
    MetricInfo{"nexus_disk_state", K::kGauge, "",
               "0 enough space, 1 low: appends are refused, 2 exhausted."},
    MetricInfo{"nexus_disk_ballast_bytes", K::kGauge, "",
               "Bytes that the ballast file holds back."},
    MetricInfo{"nexus_clock_leaps_total", K::kCounter, "",
               "Leaps of the wall clock that were not believed."},
    MetricInfo{"nexus_scrub_errors_total", K::kCounter, "",
               "Damage that the scrubber found in the log."},
    MetricInfo{"nexus_scrub_passes_total", K::kCounter, "",
               "Times that the scrubber has read the whole log."},
    MetricInfo{"nexus_scrub_position", K::kGauge, "",
               "Position up to which the scrubber has read."},
    MetricInfo{"nexus_log_read_retries_total", K::kCounter, "",
               "Reads that met a hole and were repeated."},
    MetricInfo{"nexus_log_data_losses_total", K::kCounter, "",
               "Reads that met a hole twice: data is lost."},
    MetricInfo{"nexus_log_condition_reads_total", K::kCounter, "",
               "Append conditions that had to read the log while commits were ordered."},
    MetricInfo{"nexus_index_batches_total", K::kCounter, "", "Batches of events indexed."},
    MetricInfo{"nexus_index_events_total", K::kCounter, "", "Events indexed."},
    MetricInfo{"nexus_index_position", K::kGauge, "", "Everything up to this position is indexed."},
    MetricInfo{"nexus_index_lag_events", K::kGauge, "", "Events that are not indexed yet."},
    MetricInfo{"nexus_index_read_failures_total", K::kCounter, "",
               "Reads of the index that failed; the log was read in its place."},
    MetricInfo{"nexus_route_delivered_total", K::kCounter, "route, sink",
               "Events that the sink acknowledged."},
    MetricInfo{"nexus_route_failed_total", K::kCounter, "route, sink, class",
               "Deliveries that the sink refused or could not make."},
    MetricInfo{"nexus_route_retried_total", K::kCounter, "route, sink",
               "Deliveries of an event that was handed over before."},
    MetricInfo{"nexus_route_lag_events", K::kGauge, "route, sink",
               "Positions between the checkpoint and the head of the log."},
    MetricInfo{"nexus_route_lag_seconds", K::kGauge, "route, sink",
               "Age of the oldest event that is not delivered."},
    MetricInfo{"nexus_route_pending_events", K::kGauge, "route, sink",
               "Events that were read and are not done with."},
    MetricInfo{"nexus_route_breaker_state", K::kGauge, "route, sink",
               "0 closed, 1 half open, 2 open."},
    MetricInfo{"nexus_route_propagation_seconds", K::kHistogram, "path",
               "From recorded to acknowledged by the sink."},
    MetricInfo{"nexus_route_parked_streams", K::kGauge, "route, sink",
               "Streams that wait behind a dead letter."},
    MetricInfo{"nexus_route_state", K::kGauge, "route",
               "1 running, 0 paused or removed, 2 cannot run."},
    MetricInfo{"nexus_route_unstamped_total", K::kCounter, "route, sink",
               "Events whose stamp does not say that they were governed."},
    MetricInfo{"nexus_dlq_events", K::kGauge, "route", "Dead letters that are open."},
    MetricInfo{"nexus_schema_evolutions_total", K::kCounter, "",
               "Events that were given in another version than stored."},
    MetricInfo{"nexus_schema_evolution_gaps_total", K::kCounter, "",
               "Events that could not be given in the asked version and were given as stored."},
    MetricInfo{"nexus_upcasts_total", K::kCounter, "", "Events that upcasters were run on."},
    MetricInfo{"nexus_upcast_failures_total", K::kCounter, "",
               "Runs of upcasters that gave no data."},
    MetricInfo{"nexus_upcast_page_seconds", K::kHistogram, "",
               "Processor time that the upcasters of one page of events took."},
    MetricInfo{"nexus_grpc_server_started_total", K::kCounter, "service, method",
               "Calls that began."},
    MetricInfo{"nexus_grpc_server_handled_total", K::kCounter, "service, method, code",
               "Calls that ended, by code."},
    MetricInfo{"nexus_grpc_server_handling_seconds", K::kHistogram, "service, method",
               "Time from begin to end of a call."},
    MetricInfo{"nexus_grpc_server_in_flight", K::kGauge, "", "Calls under way."},
    metric::kHttpRequests,
    metric::kHttpConnections,
    MetricInfo{"nexus_http_tls_handshakes_failed_total", K::kCounter, "",
               "Connections to the HTTP port whose TLS failed."},
    MetricInfo{"nexus_tls_reloads_total", K::kCounter, "result",
               "Certificates that were put in the place of another, or refused."},
    MetricInfo{"nexus_tls_certificate_expiry_timestamp_seconds", K::kGauge, "",
               "When the server's certificate in use expires."},
    metric::kLogLines,
    metric::kCpuSeconds,
    metric::kResidentBytes,
    metric::kOpenFiles,
    metric::kStartTime,
};

constexpr std::array kDurationBuckets = {.0001, .00025, .0005, .001, .0025, .005, .01,
                                         .025,  .05,    .1,    .25,  .5,    1.0,  5.0};

absl::string_view KindName(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return "counter";
    case MetricKind::kGauge:
      return "gauge";
    case MetricKind::kHistogram:
      return "histogram";
  }
  return "unknown";
}

}  // namespace

absl::Span<const MetricInfo> AllMetrics() { return kMetrics; }

absl::Span<const double> DurationBuckets() { return kDurationBuckets; }

std::string MetricsReference() {
  std::string page =
      "# Metrics\n\n"
      "`nexusd` serves them at `/metrics` on its HTTP port, in the text format of Prometheus.\n"
      "Where access is enforced a scraper needs a token or certificate with `status-read`.\n"
      "Units are base units. Labels take few, fixed values: never a stream, an event id or a\n"
      "principal. This page is made from `src/telemetry/metric_names.cc`; a test compares them.\n\n"
      "| name | kind | labels | meaning |\n|---|---|---|---|\n";
  for (const MetricInfo& info : kMetrics) {
    absl::StrAppend(&page, "| `", info.name, "` | ", KindName(info.kind), " | ", info.labels, " | ",
                    info.help, " |\n");
  }
  absl::StrAppend(&page, "\nHistograms of time have buckets up to ");
  for (const double bound : kDurationBuckets) absl::StrAppend(&page, bound, " s, ");
  absl::StrAppend(&page,
                  "and above. "
                  "nexus_route_propagation_seconds has 0.02 s in place of 0.025 s.\n");
  return page;
}

}  // namespace nexus::telemetry
