#pragma once

// All parts of the running daemon, in the order of their construction.

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "app/daemon.h"
#include "app/delivery.h"
#include "app/disk_watch.h"
#include "app/policy_engine.h"
#include "app/status_report.h"
#include "audit/log_audit_ledger.h"
#include "command/command_runner.h"
#include "concurrency/worker_pool.h"
#include "config/endpoints_file.h"
#include "config/nexus_config.h"
#include "confluent/registry_api.h"
#include "domain/apply/domain_applier.h"
#include "domain/book/domain_book.h"
#include "domain/policy/domain_policies.h"
#include "domain/upcast/script_upcaster.h"
#include "engine/engine.h"
#include "follow/head_signal.h"
#include "http/guard/guard.h"
#include "http/http_server.h"
#include "identity/access/access_registry.h"
#include "identity/authentication/authenticator.h"
#include "identity/jwks/key_refresher.h"
#include "identity/jwt/jwt_verifier.h"
#include "identity/limits/limit_plans.h"
#include "identity/limits/open_subscriptions.h"
#include "identity/limits/rate_limiter.h"
#include "identity/token_table.h"
#include "index/filtered_reader.h"
#include "index/indexer.h"
#include "json_api/command_api.h"
#include "json_api/temporal_api.h"
#include "nexus/core/random_ids.h"
#include "nexus/core/system_clock.h"
#include "nexus/core/system_secrets.h"
#include "nexus/core/trusted_clock.h"
#include "policy/history/policy_history.h"
#include "rpc/server.h"
#include "rpc/tls_credentials.h"
#include "schema/avro/avro_evolver.h"
#include "schema/avro/avro_schema_validator.h"
#include "schema/avro/compat/avro_comparer.h"
#include "schema/json/compat/json_schema_comparer.h"
#include "schema/json/evolve/json_schema_evolver.h"
#include "schema/json/json_schema_validator.h"
#include "schema/json/simd_json_reader.h"
#include "schema/protobuf/compat/protobuf_comparer.h"
#include "schema/protobuf/protobuf_evolver.h"
#include "schema/protobuf/protobuf_validator.h"
#include "schema/schema_registry.h"
#include "script/spidermonkey/spidermonkey_engine.h"
#include "snapshot/fold_digest.h"
#include "snapshot/snapshot_finder.h"
#include "snapshot/snapshot_metrics.h"
#include "snapshot/snapshot_scheduler.h"
#include "snapshot/snapshot_writer.h"
#include "storage/rocksdb/derived_database.h"
#include "storage/rocksdb/rocks_checkpoint_store.h"
#include "storage/rocksdb/rocks_egress_ledger.h"
#include "storage/rocksdb/rocks_event_index.h"
#include "storage/rocksdb/rocks_log.h"
#include "storage/rocksdb/rocks_snapshot_store.h"
#include "storage/rocksdb/scrubber.h"
#include "telemetry/process_metrics.h"
#include "telemetry/prometheus/prometheus_registry.h"
#include "telemetry/service_notify.h"
#include "telemetry/spdlog_logger.h"
#include "tls/certificate_watch.h"
#include "tls/server_context.h"
#include "trace/tracer.h"

namespace nexus::app {

// Each may use those above it, and goes before them.
struct Daemon::Parts {
  Parts(const config::NexusConfig& c, StartOptions start);

  const config::NexusConfig config;
  SystemClock clock;
  RandomIds ids{clock};
  telemetry::PrometheusRegistry metrics;
  telemetry::ProcessMetrics process{metrics, clock, kVersion};
  const telemetry::ServiceNotifier notifier;
  telemetry::SpdlogLogger logger;
  // For what is recorded.
  TrustedClock trusted_clock{clock, [this](absl::Duration ahead) { TellLeap(ahead); }};
  const identity::TokenTable tokens;
  config::EndpointsFile endpoints;
  StartOptions options;

  std::unique_ptr<storage::RocksLog> log;
  std::unique_ptr<storage::DerivedDatabase> derived;
  std::unique_ptr<storage::RocksCheckpointStore> checkpoints;
  std::unique_ptr<storage::RocksEventIndex> event_index;
  std::unique_ptr<index::FilteredReader> filtered;
  std::unique_ptr<concurrency::WorkerPool> workers;
  std::unique_ptr<DiskWatch> disk_watch;
  std::unique_ptr<storage::Scrubber> scrubber;
  std::unique_ptr<follow::HeadSignal> head;
  std::unique_ptr<index::Indexer> indexer;
  schema::JsonSchemaValidator validator;
  schema::JsonSchemaComparer comparer;
  schema::JsonSchemaEvolver json_evolver;
  schema::AvroEvolver avro_evolver;
  schema::ProtobufEvolver protobuf_evolver;
  schema::AvroSchemaValidator avro;
  schema::AvroComparer avro_comparer;
  schema::ProtobufValidator protobuf;
  schema::ProtobufComparer protobuf_comparer;
  const schema::SchemaLanguages languages =
      schema::SchemaLanguages()
          .Add(SchemaFormat::kJsonSchema, validator, comparer, &json_evolver)
          .Add(SchemaFormat::kAvro, avro, avro_comparer, &avro_evolver)
          .Add(SchemaFormat::kProtobuf, protobuf, protobuf_comparer, &protobuf_evolver);
  schema::SimdJsonReader json;
  // What deep nesting costs is not for strangers to choose.
  schema::SimdJsonReader token_json{16};
  SystemSecrets secrets;
  std::unique_ptr<identity::AccessRegistry> access;
  std::unique_ptr<identity::KeyRefresher> keys;  // these two: null without an issuer
  std::unique_ptr<identity::JwtVerifier> jwt;
  std::unique_ptr<identity::LimitPlans> limit_plans;
  std::unique_ptr<identity::RateLimiter> limiter;
  std::unique_ptr<identity::OpenSubscriptions> open_subscriptions;
  std::unique_ptr<identity::Authenticator> authenticator;
  std::unique_ptr<schema::SchemaRegistry> schemas;
  std::unique_ptr<policy::PolicyHistory> policy_history;
  std::unique_ptr<PolicyEngine> policy;
  std::unique_ptr<audit::LogAuditLedger> ledger;
  std::unique_ptr<script::SpiderMonkeyEngine> scripts;  // of domains; policies have their own
  std::unique_ptr<domain::DomainPolicies> domain_policies;
  std::unique_ptr<domain::DomainBook> domains;
  std::unique_ptr<domain::ScriptUpcaster> upcaster;
  std::unique_ptr<route::AppendPace> pace;  // null: appends wait for no route
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<snapshot::SnapshotMetrics> snapshot_metrics;
  std::unique_ptr<storage::RocksSnapshotStore> snapshots;
  std::unique_ptr<snapshot::FoldDigests> fold_digests;
  std::unique_ptr<snapshot::SnapshotFinder> snapshot_finder;
  std::unique_ptr<snapshot::SnapshotWriter> snapshot_writer;
  std::unique_ptr<command::SnapshotParts> snapshot_parts;  // null: none are made and used
  std::unique_ptr<command::CommandRunner> commands;
  std::unique_ptr<snapshot::SnapshotScheduler> snapshot_scheduler;  // null, too
  std::unique_ptr<temporal::TemporalQueries> queries;
  std::unique_ptr<trace::Tracer> tracer;
  std::unique_ptr<storage::RocksEgressLedger> egress;  // null: deliveries are not kept
  std::unique_ptr<Delivery> delivery;
  std::unique_ptr<domain::DomainApplier> applier;
  std::unique_ptr<StatusReport> report;
  std::unique_ptr<rpc::CallMetrics> call_metrics;
  std::unique_ptr<rpc::TlsCredentials> grpc_tls;  // these two: null without a certificate
  std::unique_ptr<tls::ServerContexts> http_tls;  // ... or where HTTP is in the clear
  std::unique_ptr<tls::CertificateWatch> certificates;
  std::unique_ptr<rpc::Server> grpc;
  std::unique_ptr<http::Guard> guard;
  std::unique_ptr<confluent::RegistryApi> registry_api;
  std::unique_ptr<json_api::CommandApi> command_api;
  std::unique_ptr<json_api::TemporalApi> temporal_api;
  std::unique_ptr<http::HttpServer> http;
  std::unique_ptr<http::HttpServer> registry_http;  // null without an address of its own

  const absl::Duration begun = clock.Monotonic();
  bool stopped = false;

  storage::RocksLogOptions LogOptions();
  absl::Status OpenStore();
  absl::Status OpenDerived();
  void StartIndexer();
  void TellLeap(absl::Duration ahead);
  void RecordLoss();
  void StartCare();
  absl::Status StartAccess();
  absl::Status StartJwt();
  absl::Status StartLimits();
  absl::Status StartGovernance();
  absl::Status StartPolicy();
  absl::Status StartDomains();
  absl::Status OpenSnapshots();
  absl::Status StartCommands();
  void StartSnapshotScheduler();
  void StartApplier();
  absl::Status StartDelivery();
  absl::Status StartEdges();
  rpc::RouteControl Routes();
  absl::Status StartTls();
  absl::Status UseCertificate(const tls::ServerCertificate& certificate);
  void WarnOfPlaintext();
  absl::Status StartHttp();
  void Say(absl::string_view systemd_state);
};

}  // namespace nexus::app
