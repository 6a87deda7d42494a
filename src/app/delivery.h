#pragma once

// The sinks that the configuration names and the router that feeds them.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "config/nexus_config.h"
#include "nexus/port/sink.h"
#include "route/log_dead_letters.h"
#include "route/router.h"
#include "schema/schema_catalog.h"

namespace nexus::app {

class Delivery {
 public:
  // Makes the sinks; delivers nothing before Start(). `schemas`, of which values are framed, and
  // what `context` has must outlive it.
  static absl::StatusOr<std::unique_ptr<Delivery>> Create(const config::RouteConfig& config,
                                                          const std::string& data_folder,
                                                          const schema::SchemaCatalog& schemas,
                                                          const route::RouteContext& context);

  absl::Status Start() { return router_->Start(); }
  absl::Status Stop(absl::Duration timeout) { return router_->Stop(timeout); }
  std::vector<route::SinkStatus> Status() const { return router_->Status(); }

 private:
  Delivery() = default;

  std::unique_ptr<Sink> critical_;
  std::unique_ptr<Sink> standard_;
  std::unique_ptr<route::Router> router_;
};

}  // namespace nexus::app
