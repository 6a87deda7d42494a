#pragma once

// The settings of each kind of sink, read strictly.

#include <string>

#include "absl/status/statusor.h"
#include "config/nexus_config.h"
#include "nexus/port/json_reader.h"
#include "route/declaration/route_declaration.h"
#include "schema/schema_catalog.h"
#include "sink/jsonl/jsonl_sink.h"
#include "sink/kafka/kafka_options.h"
#include "sink/nats/nats_options.h"
#include "sink/rabbitmq/rabbitmq_options.h"
#include "sink/webhook/webhook_options.h"

namespace nexus::app {

struct SinkSettings {
  const route::RouteDeclaration& route;
  const config::RouteConfig& config;
  const std::string& data_folder;
  const schema::SchemaCatalog& schemas;
  JsonReader& json;
};

// Each: MALFORMED_REQUEST with the pointer of what is wrong. The name of the sink is left to the
// caller.
absl::StatusOr<sink::JsonlSink::Options> ReadJsonlSettings(const SinkSettings& with);
absl::StatusOr<sink::KafkaOptions> ReadKafkaSettings(const SinkSettings& with);
absl::StatusOr<sink::RabbitMqOptions> ReadRabbitMqSettings(const SinkSettings& with);
absl::StatusOr<sink::NatsOptions> ReadNatsSettings(const SinkSettings& with);
absl::StatusOr<sink::WebhookOptions> ReadWebhookSettings(const SinkSettings& with);

}  // namespace nexus::app
