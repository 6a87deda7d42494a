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

namespace nexus::app {

struct SinkSettings {
  const route::RouteDeclaration& route;
  const config::RouteConfig& config;
  const std::string& data_folder;
  const schema::SchemaCatalog& schemas;
  JsonReader& json;
};

// MALFORMED_REQUEST with the pointer of what is wrong.
absl::StatusOr<sink::JsonlSink::Options> ReadJsonlSettings(const SinkSettings& with);
absl::StatusOr<sink::KafkaOptions> ReadKafkaSettings(const SinkSettings& with);

}  // namespace nexus::app
