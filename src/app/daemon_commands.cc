// What decides commands: the script engine, the book of domains, the workers.

#include <algorithm>
#include <thread>

#include "app/daemon_parts.h"
#include "command/code_check.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {
namespace {

// Most of the machine is for taking, checking and storing what commands decide.
size_t ThreadsOf(const config::CommandConfig& config) {
  if (config.threads > 0) return config.threads;
  return std::max<size_t>(1, std::thread::hardware_concurrency() / 4);
}

absl::Duration WaitMaxOf(const config::CommandConfig& config) {
  if (config.wait_max_ms == 0) return absl::InfiniteDuration();
  return absl::Milliseconds(config.wait_max_ms);
}

command::RemoteOptions RemoteOptionsOf(const config::CommandConfig& config) {
  command::RemoteOptions options;
  options.commands_max = config.commands_max;
  options.wait_max = WaitMaxOf(config);
  options.streams_max = config.aggregates_max;
  options.workers_max = config.remote_workers_max;
  options.tasks_max = config.remote_tasks_max;
  options.task_timeout = absl::Milliseconds(config.remote_timeout_ms);
  options.absence_max = absl::Milliseconds(config.remote_absence_ms);
  options.heartbeat = absl::Milliseconds(config.remote_heartbeat_ms);
  return options;
}

command::CommandRunnerOptions OptionsOf(const config::CommandConfig& config) {
  command::CommandRunnerOptions options;
  options.threads = ThreadsOf(config);
  options.worker.commands_max = std::max<size_t>(1, config.commands_max / options.threads);
  options.worker.wait_max = WaitMaxOf(config);
  options.worker.live_max = std::max<size_t>(1, config.aggregates_max / options.threads);
  options.worker.call.time_max = absl::Milliseconds(config.call_time_ms);
  options.worker.call.bytes_max = config.call_bytes_max;
  options.worker.context.heap_bytes_max = config.heap_bytes_max;
  options.remote = RemoteOptionsOf(config);
  return options;
}

temporal::TemporalWorkerOptions QueryOptionsOf(const config::NexusConfig& config) {
  temporal::TemporalWorkerOptions options;
  options.waiting_max = config.temporal.waiting_max;
  options.events_max = config.temporal.events_max;
  options.span_max = absl::Hours(24) * static_cast<int64_t>(config.temporal.span_days_max);
  options.time_max = absl::Milliseconds(config.temporal.time_max_ms);
  options.call = OptionsOf(config.command).worker.call;
  options.context.heap_bytes_max = config.command.heap_bytes_max;
  return options;
}

}  // namespace

absl::Status Daemon::Parts::StartDomains() {
  NEXUS_ASSIGN_OR_RETURN(scripts, script::SpiderMonkeyEngine::Create(clock));
  domain_policies = std::make_unique<domain::DomainPolicies>(
      domain::DomainPoliciesParts{policy->decider(), *scripts, clock, metrics,
                                  [this](const std::string& name, const std::string& why) {
                                    logger.Log(telemetry::Level::kError,
                                               "the policy of a domain cannot be used",
                                               {{"policy", name}, {"why", why}});
                                  }},
      DomainEngineOptions(config.policy.embedded));
  domains = std::make_unique<domain::DomainBook>(domain::DomainBookParts{
      *log, *log, json, *workers, trusted_clock, ids,
      [this](const domain::DomainState& state) { domain_policies->Use(state); }});
  NEXUS_RETURN_IF_ERROR(domains->Load());
  const command::CommandWorkerOptions worker = OptionsOf(config.command).worker;
  domain::ScriptUpcasterOptions with;
  with.threads = ThreadsOf(config.command);
  with.call = worker.call;
  upcaster = std::make_unique<domain::ScriptUpcaster>(
      domain::ScriptUpcasterParts{*scripts, metrics, [this] { return domains->Snapshot(); }}, with);
  return absl::OkStatus();
}

absl::Status Daemon::Parts::OpenSnapshots() {
  snapshot_metrics = std::make_unique<snapshot::SnapshotMetrics>(metrics);
  storage::RocksSnapshotStoreOptions store;
  store.incarnation = log->incarnation();
  store.damaged = &snapshot_metrics->Ignored(snapshot::kIgnoredCorrupt);
  NEXUS_ASSIGN_OR_RETURN(snapshots, storage::RocksSnapshotStore::Open(*derived, store));
  fold_digests = std::make_unique<snapshot::FoldDigests>(snapshot::FoldDigestParts{
      [this] { return domains->Snapshot(); }, [this] { return schemas->GovernanceEpoch(); },
      [this](absl::string_view type) {
        const schema::SchemaRecordPtr latest = schemas->Find(type, 0);
        return latest == nullptr ? 0 : latest->version;
      }});
  snapshot_finder = std::make_unique<snapshot::SnapshotFinder>(
      snapshot::SnapshotFinderParts{*snapshots, *log, trusted_clock, *snapshot_metrics});
  snapshot::SnapshotWriterOptions writer;
  writer.snapshots_max = config.snapshots.waiting_max;
  writer.keep_max = config.snapshots.keep_max;
  snapshot_writer = std::make_unique<snapshot::SnapshotWriter>(
      snapshot::SnapshotWriterParts{*snapshots, *workers, trusted_clock, *snapshot_metrics},
      writer);
  if (!config.snapshots.enabled) return absl::OkStatus();
  snapshot_parts = std::make_unique<command::SnapshotParts>(command::SnapshotParts{
      *snapshot_finder, *snapshot_writer, *fold_digests, trusted_clock, *snapshot_metrics});
  return absl::OkStatus();
}

void Daemon::Parts::StartSnapshotScheduler() {
  if (snapshot_parts == nullptr) return;
  snapshot::SnapshotSchedulerOptions with;
  with.max_age = absl::Hours(config.snapshots.max_age_hours);
  snapshot_scheduler = std::make_unique<snapshot::SnapshotScheduler>(
      snapshot::SnapshotSchedulerParts{
          *snapshots, *log, *workers, trusted_clock, *fold_digests, *snapshot_metrics,
          [this] { return domains->Snapshot(); },
          [this](const StreamName& stream) {
            // What fails is counted, and asked for again with the next look.
            commands->MakeSnapshot(stream, snapshot::SnapshotReason::kAge, absl::InfiniteDuration(),
                                   [](const absl::StatusOr<SnapshotInfo>&) {});
          },
          [this](absl::Duration max_age) { commands->MakeSnapshotsOfAged(max_age); }},
      with);
  snapshot_scheduler->Start();
}

absl::Status Daemon::Parts::StartCommands() {
  NEXUS_RETURN_IF_ERROR(OpenSnapshots());
  command::CommandRunnerOptions with = OptionsOf(config.command);
  with.remote.stop_patience = absl::Milliseconds(config.shutdown.drain_timeout_ms);
  commands = std::make_unique<command::CommandRunner>(
      command::CommandRunnerParts{*engine, *log, *log, *scripts, json, ids,
                                  [this] { return domains->Snapshot(); }, snapshot_parts.get()},
      with);
  StartSnapshotScheduler();
  queries = std::make_unique<temporal::TemporalQueries>(
      temporal::TemporalQueriesParts{*engine,
                                     *log,
                                     *scripts,
                                     json,
                                     secrets,
                                     [this] { return domains->Snapshot(); },
                                     {snapshot_finder.get(), fold_digests.get()}},
      QueryOptionsOf(config));
  tracer = std::make_unique<trace::Tracer>(trace::TracerParts{*engine, *log, *log});
  return absl::OkStatus();
}

void Daemon::Parts::StartApplier() {
  const script::CallLimits limits = OptionsOf(config.command).worker.call;
  domain::DomainApplierParts with{*engine,      *domains, delivery ? &delivery->book() : nullptr,
                                  access.get(), json,     {*log, *workers, trusted_clock, ids},
                                  nullptr,      nullptr,  nullptr,
                                  nullptr,      nullptr};
  with.check_sink = [this](const route::RouteDeclaration& route) {
    return delivery->sinks().Check(route);
  };
  with.check_aggregate = [this, limits](const domain::AggregateRecord& record) {
    return command::CheckAggregateCode(*scripts, record, limits);
  };
  with.check_upcaster = [this, limits](const domain::UpcasterRecord& record) {
    return domain::CheckUpcasterCode(*scripts, record, limits);
  };
  with.check_policy = [this](const domain::PolicyRecord& record) {
    return domain_policies->Check(record);
  };
  with.try_upcaster =
      [this, limits](const domain::UpcasterRecord& record, const domain::DomainState& state,
                     absl::Span<const schema::SchemaRecordPtr> planned,
                     const domain::TrialOptions& trial, const std::function<bool()>& cancelled) {
        return domain::TryUpcaster({*filtered, engine->evolution(), *scripts, limits}, record,
                                   state, planned, trial, cancelled);
      };
  applier = std::make_unique<domain::DomainApplier>(with);
}

}  // namespace nexus::app
