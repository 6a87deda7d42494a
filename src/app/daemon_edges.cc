// What faces the outside: gRPC, HTTP, the endpoints file, systemd; and the way down.

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "app/daemon_parts.h"
#include "http/standard_routes.h"
#include "nexus/core/status_macros.h"

namespace nexus::app {
namespace {

// For calls that are still under way after the last commit was answered: reads and subscriptions,
// which a client resumes from its checkpoint.
constexpr absl::Duration kCallGrace = absl::Milliseconds(500);
// For events that are with a broker: what is not acknowledged by then is delivered again.
constexpr uint64_t kVerifyStepBytes = 4 << 20;
constexpr absl::Duration kFlushGrace = absl::Seconds(3);

}  // namespace

const char kVersion[] = NEXUS_VERSION;

void Daemon::Parts::Say(absl::string_view systemd_state) {
  const absl::Status told = notifier.Notify(systemd_state);
  if (!told.ok()) {
    logger.Log(telemetry::Level::kWarning, "systemd not told", {{"why", told.message()}});
  }
}

absl::Status Daemon::Parts::StartHttp() {
  http::StandardRoutesOptions routes;
  routes.version = kVersion;
  routes.components = [this] {
    std::vector<http::Component> components;
    for (rpc::ComponentStatus& part : report->Components()) {
      components.push_back({std::move(part.name), part.ok, std::move(part.detail)});
    }
    return components;
  };
  routes.refresh_metrics = [this] { process.Refresh(); };
  http::HttpServerOptions edge;
  edge.address = config.http.address;
  edge.connections_max = config.http.connections_max;
  edge.header_bytes_max = config.http.header_bytes_max;
  edge.request_timeout = absl::Milliseconds(config.http.request_timeout_ms);
  edge.tls = http_tls.get();
  guard =
      std::make_unique<http::Guard>(http::GuardParts{*authenticator, limiter.get(), ledger.get()});
  NEXUS_ASSIGN_OR_RETURN(std::vector<http::Route> guarded,
                         guard->Around(http::StandardRoutes(std::move(routes), metrics)));
  registry_api =
      std::make_unique<confluent::RegistryApi>(confluent::RegistryApiParts{*engine, *guard, json});
  // A schema in JSON, escaped, with what goes along.
  const size_t body_bytes_max = 2 * config.limits.schema_bytes_max + (64 << 10);
  std::vector<http::Area> areas;
  areas.push_back(registry_api->Area("/schema-registry", body_bytes_max));
  command_api =
      std::make_unique<json_api::CommandApi>(json_api::CommandApiParts{*commands, *guard, clock});
  areas.push_back(command_api->Area(config.limits.event_bytes_max));
  temporal_api =
      std::make_unique<json_api::TemporalApi>(json_api::TemporalApiParts{*queries, *guard, clock});
  areas.push_back(temporal_api->Area());
  NEXUS_ASSIGN_OR_RETURN(
      http, http::HttpServer::Start(edge, std::move(guarded), std::move(areas), metrics));
  if (config.http.schema_registry_address.empty()) return absl::OkStatus();
  edge.address = config.http.schema_registry_address;
  std::vector<http::Area> whole;
  whole.push_back(registry_api->Area("", body_bytes_max));
  NEXUS_ASSIGN_OR_RETURN(registry_http,
                         http::HttpServer::Start(edge, {}, std::move(whole), metrics));
  return absl::OkStatus();
}

rpc::RouteControl Daemon::Parts::Routes() {
  if (delivery == nullptr) return {};
  rpc::RouteControl routes;
  routes.book = &delivery->book();
  routes.letters = &delivery->letters();
  routes.router = &delivery->router();
  routes.reader = log.get();
  routes.json = &json;
  routes.ledger = egress.get();
  routes.checkpoints = checkpoints.get();
  routes.clock = &clock;
  routes.check_sink = [this](const route::RouteDeclaration& route) {
    return delivery->sinks().Check(route);
  };
  routes.open_reader = [this](const route::RouteDeclaration& route) {
    return delivery->sinks().OpenReader(route);
  };
  routes.prices_file = config.cost.prices_file;
  return routes;
}

absl::Status Daemon::Parts::StartEdges() {
  report =
      std::make_unique<StatusReport>(*log, scrubber.get(), domain_policies->decider(), *schemas,
                                     *indexer, delivery.get(), config.data, clock.Now());
  call_metrics = std::make_unique<rpc::CallMetrics>(metrics, clock);
  rpc::ServerOptions edge;
  edge.address = config.grpc.address;
  edge.message_bytes_max = static_cast<int>(config.grpc.message_bytes_max);
  edge.streams_per_connection_max = static_cast<int>(config.grpc.streams_per_connection_max);
  edge.memory_bytes_max = config.grpc.memory_bytes_max;
  edge.threads = static_cast<int>(config.grpc.threads);
  edge.reflection = config.grpc.reflection;
  NEXUS_RETURN_IF_ERROR(StartTls());
  edge.tls = grpc_tls.get();
  NEXUS_ASSIGN_OR_RETURN(
      grpc, rpc::Server::Start(
                edge,
                {*engine, *authenticator, *call_metrics, limiter.get(), access.get(),
                 config.audit.bulk_read_events},
                [this] { return report->Make(); },
                {[this] { return indexer->Rebuild(); }, [this] { return report->Index(); }},
                [this] { return log->BeginAudit({}, kVerifyStepBytes); }, Routes(),
                {*commands, *queries, *tracer, *applier, *snapshots, *fold_digests}));
  NEXUS_RETURN_IF_ERROR(StartHttp());
  WarnOfPlaintext();
  grpc->SetServing(true);
  NEXUS_RETURN_IF_ERROR(
      endpoints.Publish({grpc->address(), http->address(), static_cast<int64_t>(getpid())}));
  Say("READY=1\nSTATUS=serving");
  logger.Log(telemetry::Level::kInfo, "ready",
             {{"version", kVersion},
              {"grpc", grpc->address()},
              {"http", http->address()},
              {"data", config.data},
              {"head", log->Head().value},
              {"incarnation", log->incarnation()},
              {"policy_revision", policy->decider().State().revision},
              {"milliseconds", absl::ToInt64Milliseconds(clock.Monotonic() - begun)}});
  return absl::OkStatus();
}

void Daemon::Stop() {
  Parts& p = *parts_;
  if (std::exchange(p.stopped, true)) return;
  p.Say("STOPPING=1");
  if (p.grpc) p.grpc->SetServing(false);
  // What is decided now is stored; what comes now is refused.
  if (p.snapshot_scheduler) p.snapshot_scheduler->Stop();
  if (p.commands) p.commands->Stop();
  if (p.queries) p.queries->Stop();
  if (p.engine) {
    auto drained = std::make_shared<absl::Notification>();
    p.engine->Drain([drained] { drained->Notify(); });
    const absl::Duration patience = absl::Milliseconds(p.config.shutdown.drain_timeout_ms);
    if (!drained->WaitForNotificationWithTimeout(patience)) {
      p.logger.Log(telemetry::Level::kWarning, "drain timed out, answers are lost");
    }
  }
  if (p.grpc) p.grpc->Shutdown(kCallGrace);
  p.registry_http.reset();
  p.http.reset();
  // Before the engine goes, which hears what is decided.
  if (p.domain_policies) p.domain_policies->Stop();
  if (p.policy) p.policy->Stop();
  if (p.delivery) {
    const absl::Status flushed = p.delivery->Stop(kFlushGrace);
    if (!flushed.ok()) {
      p.logger.Log(telemetry::Level::kInfo, "some events are delivered again after the start",
                   {{"why", flushed.message()}});
    }
  }
  if (p.keys) p.keys->Stop();
  if (p.certificates) p.certificates->Stop();
  if (p.log) p.log->Drain();
  if (p.indexer) p.indexer->Stop();
  if (p.scrubber) p.scrubber->Stop();
  if (p.disk_watch) p.disk_watch->Stop();
  if (p.workers) p.workers->Stop();
  p.endpoints.Remove();
  if (!p.log) return;
  p.logger.Log(telemetry::Level::kInfo, "stopped",
               {{"head", p.log->Head().value}, {"incarnation", p.log->incarnation()}});
}

}  // namespace nexus::app
