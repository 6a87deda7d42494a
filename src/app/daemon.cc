#include "app/daemon.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "app/daemon_parts.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {
namespace {

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
  options.admission.policy_sees_data = config.policy.include_data;
  options.admission.violations_max = config.schema.violations_max;
  options.admission.optional_categories.insert(config.schema.optional_categories.begin(),
                                               config.schema.optional_categories.end());
  options.gate = {config.append.commits_max, config.append.bytes_max};
  return options;
}

}  // namespace

Daemon::Parts::Parts(const config::NexusConfig& c, absl::string_view notify_socket)
    : config(c),
      notifier(notify_socket),
      logger(LevelOf(c), clock, metrics),
      tokens(TokensOf(c)),
      endpoints(c.data) {}

absl::Status Daemon::Parts::OpenStore() {
  storage::RocksLogOptions options(config.data, metrics);
  options.clock = &clock;
  options.disk_reserve.free_bytes_min = config.storage.free_bytes_min;
  options.block_cache_bytes = config.storage.block_cache_bytes;
  options.on_fatal = [this](const absl::Status& why) {
    logger.Log(telemetry::Level::kError, "write failed, stopping", {{"why", why.message()}});
    if (on_fatal) on_fatal();
  };
  NEXUS_ASSIGN_OR_RETURN(log, storage::RocksLog::Open(options));
  NEXUS_ASSIGN_OR_RETURN(checkpoints, storage::RocksCheckpointStore::Open(config.data));
  concurrency::WorkerPoolOptions pool;
  pool.threads = ThreadsOf(config.workers);
  pool.queue_max = config.workers.queue_max;
  workers = std::make_unique<concurrency::WorkerPool>(pool, clock);
  head = std::make_unique<follow::HeadSignal>(*workers, log->Head());
  log->SetHeadListener([this](Position position) { head->Publish(position); });
  return absl::OkStatus();
}

absl::Status Daemon::Parts::StartGovernance() {
  schemas = std::make_unique<schema::SchemaRegistry>(
      schema::SchemaRegistryParts{*log, *log, validator, json, *workers, clock, ids},
      config.limits);
  NEXUS_RETURN_IF_ERROR(schemas->Load());
  NEXUS_ASSIGN_OR_RETURN(policy, PolicyEngine::Start(config.policy, config.data, clock, logger));
  NEXUS_ASSIGN_OR_RETURN(
      engine, engine::Engine::Create({*log, *log, *schemas, validator, policy->decider(), *head,
                                      *workers, clock, ids, metrics, logger, &log->recent()},
                                     EngineOptionsOf(config)));
  return absl::OkStatus();
}

absl::Status Daemon::Parts::StartDelivery() {
  if (!config.route.enabled) return absl::OkStatus();
  dead_letters = std::make_unique<route::LogDeadLetters>(*log, *log, clock);
  const route::RouteContext context{*log, *head,        *workers, clock,
                                    ids,  *checkpoints, metrics,  dead_letters.get()};
  NEXUS_ASSIGN_OR_RETURN(delivery, Delivery::Create(config.route, config.data, context));
  return delivery->Start();
}

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Daemon::~Daemon() { Stop(); }

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::Start(const config::NexusConfig& config,
                                                      absl::string_view notify_socket,
                                                      absl::AnyInvocable<void()> on_fatal) {
  auto parts = std::make_unique<Parts>(config, notify_socket);
  parts->on_fatal = std::move(on_fatal);
  std::unique_ptr<Daemon> daemon(new Daemon(std::move(parts)));
  Parts& p = *daemon->parts_;
  NEXUS_RETURN_IF_ERROR(p.OpenStore());
  NEXUS_RETURN_IF_ERROR(p.StartGovernance());
  NEXUS_RETURN_IF_ERROR(p.StartDelivery());
  NEXUS_RETURN_IF_ERROR(p.StartEdges());
  return daemon;
}

}  // namespace nexus::app
