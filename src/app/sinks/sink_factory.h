#pragma once

// Makes the sinks that routes name, one function a kind, from their settings. What a route does not
// set comes from the configuration. docs/reference/routes.md lists the settings.
//
// Thread-safe. All that it is made of must outlive it and its sinks.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "config/nexus_config.h"
#include "nexus/core/clock.h"
#include "nexus/port/broker_reader.h"
#include "nexus/port/json_reader.h"
#include "nexus/port/sink.h"
#include "route/declaration/route_declaration.h"
#include "schema/schema_catalog.h"

namespace nexus::app {

class SinkFactory {
 public:
  SinkFactory(const config::RouteConfig& config, std::string data_folder,
              const schema::SchemaCatalog& schemas, JsonReader& json, const Clock& clock)
      : config_(config),
        data_folder_(std::move(data_folder)),
        schemas_(schemas),
        json_(json),
        clock_(clock) {}

  // The sink of `run`, a route or something of it again: the two do not share files. Needs no
  // broker and does not wait for one; stands behind the route's transform. MALFORMED_REQUEST with
  // the pointer of a setting, CONFIGURATION_INVALID, kUnavailable if files cannot be opened.
  absl::StatusOr<std::unique_ptr<Sink>> Make(const route::RouteDeclaration& route,
                                             const std::string& run) const;

  // Of what the route itself has delivered; broker_readers.h.
  absl::StatusOr<std::unique_ptr<BrokerReader>> OpenReader(
      const route::RouteDeclaration& route) const;

  // What Make() would say of the settings; makes nothing that stays.
  absl::Status Check(const route::RouteDeclaration& route) const;

  // Of a machine where nobody has declared any: critical events to Kafka, if the configuration
  // names brokers, all others to files.
  static std::vector<route::RouteDeclaration> Defaults(const config::RouteConfig& config);

 private:
  // Null for an empty name: only the settings are read.
  absl::StatusOr<std::unique_ptr<Sink>> Open(const route::RouteDeclaration& route,
                                             const std::string& name) const;

  const config::RouteConfig& config_;
  const std::string data_folder_;
  const schema::SchemaCatalog& schemas_;
  JsonReader& json_;
  const Clock& clock_;
};

}  // namespace nexus::app
