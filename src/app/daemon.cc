#include "app/daemon.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "app/daemon_parts.h"
#include "app/exit_code.h"
#include "app/loss_record.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {
namespace {

constexpr absl::Duration kHistoryGrace = absl::Seconds(5);

absl::StatusOr<CommitId> CommitAt(EventReader& reader, Position position) {
  NEXUS_ASSIGN_OR_RETURN(const EventBatch found, reader.ReadAt({position}, PageLimits()));
  return found.events.front().commit_id;
}

telemetry::Level LevelOf(const config::NexusConfig& config) {
  return telemetry::ParseLevel(config.log.level).value_or(telemetry::Level::kInfo);
}

size_t ThreadsOf(const config::WorkersConfig& config) {
  if (config.threads > 0) return config.threads;
  return std::max<size_t>(2, std::thread::hardware_concurrency());
}

std::vector<identity::TokenEntry> TokensOf(const config::NexusConfig& config) {
  std::vector<identity::TokenEntry> entries;
  for (const config::TokenConfig& token : config.tokens) {
    identity::Principal principal;
    principal.name = token.principal;
    principal.roles = token.roles;
    entries.push_back({token.token, std::move(principal)});
  }
  return entries;
}

engine::EngineOptions EngineOptionsOf(const config::NexusConfig& config) {
  engine::EngineOptions options;
  options.limits = config.limits;
  options.admission.policy_timeout = absl::Milliseconds(config.policy.timeout_ms);
  options.admission.policy_query_timeout = absl::Milliseconds(config.policy.query_timeout_ms);
  options.admission.policy_sees_data = config.policy.include_data;
  options.admission.violations_max = config.schema.violations_max;
  options.admission.optional_categories.insert(config.schema.optional_categories.begin(),
                                               config.schema.optional_categories.end());
  options.gate = {config.append.commits_max, config.append.bytes_max};
  return options;
}

}  // namespace

Daemon::Parts::Parts(const config::NexusConfig& c, StartOptions start)
    : config(c),
      notifier(start.notify_socket),
      logger(LevelOf(c), clock, metrics),
      tokens(TokensOf(c)),
      endpoints(c.data),
      options(std::move(start)) {}

storage::RocksLogOptions Daemon::Parts::LogOptions() {
  storage::RocksLogOptions with(config.data, metrics);
  with.clock = &clock;
  with.disk_reserve.free_bytes_min = config.storage.free_bytes_min;
  with.disk_reserve.stop_bytes_min = config.storage.stop_bytes_min;
  with.ballast_bytes = config.storage.ballast_bytes;
  with.block_cache_bytes = config.storage.block_cache_bytes;
  with.accepted_loss = options.accepted_loss;
  with.env_for_test = options.env_for_test;
  with.on_notice = [this](absl::string_view notice) {
    logger.Log(telemetry::Level::kWarning, "opening the log", {{"found", notice}});
  };
  with.on_fatal = [this](const absl::Status& why) {
    logger.Log(telemetry::Level::kError, "write failed, stopping", {{"why", why.message()}});
    if (options.on_fatal) options.on_fatal(kExitStorageFailed);
  };
  return with;
}

void Daemon::Parts::TellLeap(absl::Duration ahead) {
  metrics
      .GetCounter("nexus_clock_leaps_total", "Leaps of the wall clock that were not believed.", {})
      .Add(1);
  logger.Log(telemetry::Level::kError,
             "the wall clock leapt ahead and is not believed; if it is right, start again",
             {{"seconds_ahead", absl::ToInt64Seconds(ahead)}});
}

// Again at every start: the record is the same, so only the first one is stored.
void Daemon::Parts::RecordLoss() {
  if (!log->accepted_loss().has_value()) return;
  const absl::Status recorded = RecordAcceptedLoss(*log, *log->accepted_loss());
  if (recorded.ok()) return;
  logger.Log(telemetry::Level::kWarning, "the accepted loss is recorded at the next start",
             {{"why", recorded.message()}});
}

// What looks after the disk and the data on it.
void Daemon::Parts::StartCare() {
  disk_watch = std::make_unique<DiskWatch>(
      [this] { return log->TendDisk(); }, *workers,
      [this](absl::string_view why) {
        logger.Log(telemetry::Level::kError, "stopping", {{"why", why}});
        if (options.on_fatal) options.on_fatal(kExitDiskFull);
      });
  disk_watch->Start();
  if (config.scrub.interval_hours == 0) return;
  storage::Scrubber::Options scrub;
  scrub.interval = absl::Hours(config.scrub.interval_hours);
  scrub.bytes_per_second = config.scrub.bytes_per_second;
  scrub.on_finding = [this](const std::string& finding) {
    logger.Log(telemetry::Level::kError, "the log is damaged", {{"found", finding}});
  };
  scrubber = std::make_unique<storage::Scrubber>(*log, *checkpoints, *workers, clock, metrics,
                                                 std::move(scrub));
  scrubber->Start();
}

absl::Status Daemon::Parts::OpenStore() {
  NEXUS_ASSIGN_OR_RETURN(log, storage::RocksLog::Open(LogOptions()));
  trusted_clock.NotBefore(log->last_recorded());
  RecordLoss();
  NEXUS_RETURN_IF_ERROR(OpenDerived());
  concurrency::WorkerPoolOptions pool;
  pool.threads = ThreadsOf(config.workers);
  pool.queue_max = config.workers.queue_max;
  workers = std::make_unique<concurrency::WorkerPool>(pool, clock);
  StartCare();
  head = std::make_unique<follow::HeadSignal>(*workers, log->Head());
  log->SetHeadListener([this](Position position) { head->Publish(position); });
  StartIndexer();
  return absl::OkStatus();
}

absl::Status Daemon::Parts::OpenDerived() {
  NEXUS_ASSIGN_OR_RETURN(derived, storage::DerivedDatabase::Open(config.data));
  if (!derived->damage().empty()) {
    logger.Log(telemetry::Level::kWarning,
               "derived data was damaged and is made again: the index is rebuilt, sinks get every "
               "event once more",
               {{"moved_to", config.data + "/derived.damaged"}, {"why", derived->damage()}});
  }
  checkpoints = std::make_unique<storage::RocksCheckpointStore>(*derived);
  storage::RocksEventIndexOptions index_of;
  index_of.incarnation = log->incarnation();
  index_of.commit_at = [this](Position position) { return CommitAt(*log, position); };
  NEXUS_ASSIGN_OR_RETURN(event_index, storage::RocksEventIndex::Open(*derived, index_of));
  filtered = std::make_unique<index::FilteredReader>(
      index::FilteredReaderParts{*log, *log, *event_index, &index::IndexFailures(metrics)});
  return absl::OkStatus();
}

void Daemon::Parts::StartIndexer() {
  index::IndexerOptions with;
  with.on_notice = [this](absl::string_view what) {
    logger.Log(telemetry::Level::kWarning, "index", {{"notice", what}});
  };
  indexer = std::make_unique<index::Indexer>(
      index::IndexerParts{*event_index, *log, *head, *workers, metrics}, std::move(with));
  indexer->Start();
}

absl::Status Daemon::Parts::StartGovernance() {
  schemas = std::make_unique<schema::SchemaRegistry>(
      schema::SchemaRegistryParts{*log, *log, languages, json, *workers, trusted_clock, ids},
      config.limits);
  NEXUS_RETURN_IF_ERROR(schemas->Load());
  NEXUS_RETURN_IF_ERROR(StartPolicy());
  ledger = std::make_unique<audit::LogAuditLedger>(
      audit::LedgerStreamParts{*log, *workers, trusted_clock, ids, metrics},
      absl::Milliseconds(config.audit.window_ms));
  NEXUS_RETURN_IF_ERROR(StartDomains());
  if (config.route.enabled && config.route.pace_appends_max_ms > 0) {
    pace = std::make_unique<route::AppendPace>(
        clock, metrics,
        route::AppendPace::Options{absl::Milliseconds(config.route.pace_appends_max_ms)});
  }
  NEXUS_ASSIGN_OR_RETURN(
      engine, engine::Engine::Create(
                  {*log, *log, *schemas, validator, domain_policies->decider(), *head, *workers,
                   trusted_clock, ids, metrics, logger, *filtered, &log->recent(), limiter.get(),
                   open_subscriptions.get(), ledger.get(), upcaster.get(), pace.get()},
                  EngineOptionsOf(config)));
  return absl::OkStatus();
}

absl::Status Daemon::Parts::StartPolicy() {
  const auto on_notice = [this](absl::string_view what) {
    logger.Log(telemetry::Level::kWarning, "policies", {{"notice", what}});
  };
  policy_history = std::make_unique<policy::PolicyHistory>(
      policy::PolicyHistoryParts{*log, *log, json, *workers, trusted_clock, ids, on_notice});
  NEXUS_RETURN_IF_ERROR(policy_history->Load());
  NEXUS_ASSIGN_OR_RETURN(policy, PolicyEngine::Start(config.policy, config.data, clock, metrics,
                                                     logger, [this](const std::string& revision) {
                                                       policy_history->Record(revision,
                                                                              config.policy.engine);
                                                     }));
  // So that what a client writes comes after it.
  if (!policy_history->AwaitWritten(kHistoryGrace)) on_notice("it takes long to write them down");
  return absl::OkStatus();
}

absl::Status Daemon::Parts::StartDelivery() {
  if (!config.route.enabled) return absl::OkStatus();
  if (config.route.ledger_positions > 0) {
    egress = std::make_unique<storage::RocksEgressLedger>(*derived, config.route.ledger_positions);
  }
  NEXUS_ASSIGN_OR_RETURN(
      delivery,
      Delivery::Create({config, schemas->catalog(), *log, *log, *head, json, *workers, clock,
                        trusted_clock, ids, *checkpoints, metrics, egress.get(), pace.get()}));
  return delivery->Start();
}

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Daemon::~Daemon() { Stop(); }

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::Start(const config::NexusConfig& config,
                                                      StartOptions options) {
  auto parts = std::make_unique<Parts>(config, std::move(options));
  std::unique_ptr<Daemon> daemon(new Daemon(std::move(parts)));
  Parts& p = *daemon->parts_;
  NEXUS_RETURN_IF_ERROR(p.OpenStore());
  NEXUS_RETURN_IF_ERROR(p.StartAccess());
  NEXUS_RETURN_IF_ERROR(p.StartGovernance());
  NEXUS_RETURN_IF_ERROR(p.StartCommands());
  NEXUS_RETURN_IF_ERROR(p.StartDelivery());
  p.StartApplier();
  NEXUS_RETURN_IF_ERROR(p.StartEdges());
  return daemon;
}

}  // namespace nexus::app
