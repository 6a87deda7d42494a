#pragma once

// The configuration of the daemon: plain values with their defaults. Units are last in the names.
//
// config/option_table.h says what each means and which values it takes.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "config/access_config.h"
#include "nexus/core/limits.h"

namespace nexus::config {

struct GrpcConfig {
  std::string address = "127.0.0.1:7070";
  uint64_t message_bytes_max = 4 << 20;
  uint64_t streams_per_connection_max = 1'000;
  uint64_t memory_bytes_max = 256 << 20;
  uint64_t threads = 0;  // 0: one for every four cores, at least one
  bool reflection = true;
};

struct HttpConfig {
  std::string address = "127.0.0.1:7071";
  uint64_t connections_max = 256;
  uint64_t header_bytes_max = 8 << 10;
  uint64_t request_timeout_ms = 10'000;
  std::string schema_registry_address;  // empty: only below /schema-registry of `address`
};

// Of the gRPC and the HTTP ports; without a certificate they are in the clear.
struct TlsConfig {
  std::string certificate;
  std::string key;
  std::string client_ca;
  std::string client_certificates = "request";
  std::string http_client_certificates = "same";
  bool http = true;
  bool allow_plaintext_network = false;
};

struct WorkersConfig {
  uint64_t threads = 0;  // 0: one for each core, at least 2
  uint64_t queue_max = 4'096;
};

struct CommandConfig {
  uint64_t threads = 0;  // 0: one for every four cores, at least 1
  uint64_t commands_max = 8'192;
  uint64_t wait_max_ms = 100;  // 0: however long
  uint64_t aggregates_max = 10'000;
  uint64_t call_time_ms = 50;
  uint64_t call_bytes_max = 64 << 20;
  uint64_t heap_bytes_max = 512 << 20;
  // Of workers that decide elsewhere.
  uint64_t remote_workers_max = 256;
  uint64_t remote_tasks_max = 1'024;
  uint64_t remote_timeout_ms = 5'000;
  uint64_t remote_absence_ms = 2'000;
  uint64_t remote_heartbeat_ms = 5'000;
};

struct SnapshotConfig {
  bool enabled = true;
  uint64_t max_age_hours = 24;  // 0: none is made for its age
  uint64_t keep_max = 16;
  uint64_t waiting_max = 256;
};

struct TemporalConfig {
  uint64_t events_max = 10'000;
  uint64_t span_days_max = 90;
  uint64_t time_max_ms = 30'000;
  uint64_t waiting_max = 64;
};

struct AppendConfig {
  uint64_t commits_max = 8'192;
  uint64_t bytes_max = 64 << 20;
};

struct StorageConfig {
  uint64_t free_bytes_min = 0;  // 0: a tenth of the disk, at most 4 GiB
  uint64_t stop_bytes_min = 0;  // 0: a quarter of free_bytes_min
  uint64_t ballast_bytes = 64 << 20;
  uint64_t block_cache_bytes = 64 << 20;
};

struct ScrubConfig {
  uint64_t interval_hours = uint64_t{7} * 24;  // 0: never
  uint64_t bytes_per_second = 16 << 20;
};

struct SchemaConfig {
  std::vector<std::string> optional_categories;
  uint64_t violations_max = 100;
};

struct OpaConfig {
  std::string address;  // empty: nexusd starts `program` itself
  std::string ca_file;
  std::string program = "opa";
  std::string folder;  // empty: the policies that come with the program
  std::vector<std::string> operations;
  uint64_t connections = 2;
};

struct EmbeddedPolicyConfig {
  std::string bundle;    // empty: the policies that come with the program
  uint64_t threads = 0;  // 0: half of the processors
  uint64_t evaluation_timeout_ms = 100;
  uint64_t memory_bytes_max = 64 << 20;
  uint64_t cache_bytes_max = 16 << 20;
  uint64_t reload_ms = 1000;
  std::string url;  // empty: no server has the bundle
  std::string token_file;
  std::string ca_file;
  uint64_t poll_ms = 30'000;
  uint64_t long_poll_seconds = 0;
};

struct PolicyConfig {
  std::string engine = "embedded";
  uint64_t timeout_ms = 20;
  uint64_t query_timeout_ms = 50;
  bool include_data = false;
  EmbeddedPolicyConfig embedded;
  OpaConfig opa;
};

struct CriticalityConfig {
  double business_impact = 0.4;
  double ordering = 0.3;
  double latency = 0.2;
  double type = 0.1;
  double threshold = 0.6;
  std::map<std::string, double> type_weights;
};

struct KafkaConfig {
  std::string brokers;  // empty: no Kafka
  std::string topic = "nexus.events";
  std::string framing = "none";
  std::map<std::string, std::string> properties;
};

struct JsonlConfig {
  std::string folder;  // empty: "outbox" in the data folder
};

struct RouteConfig {
  bool enabled = true;
  CriticalityConfig criticality;
  std::vector<std::string> ordered_categories;
  uint64_t ledger_positions = 10'000'000;
  uint64_t pace_appends_max_ms = 0;  // 0: appends wait for no route
  KafkaConfig kafka;
  JsonlConfig jsonl;
};

struct CostConfig {
  std::string prices_file;  // empty: those that are built in
};

struct LogConfig {
  std::string level = "info";
};

struct ShutdownConfig {
  uint64_t drain_timeout_ms = 10'000;
};

struct NexusConfig {
  std::string data = "./data";
  GrpcConfig grpc;
  HttpConfig http;
  TlsConfig tls;
  WorkersConfig workers;
  Limits limits;
  CommandConfig command;
  SnapshotConfig snapshots;
  TemporalConfig temporal;
  AppendConfig append;
  StorageConfig storage;
  ScrubConfig scrub;
  SchemaConfig schema;
  PolicyConfig policy;
  RouteConfig route;
  CostConfig cost;
  std::vector<TokenConfig> tokens;
  AccessConfig access;
  AuditConfig audit;
  LogConfig log;
  ShutdownConfig shutdown;
};

}  // namespace nexus::config
