#pragma once

// The routes, their sinks and the router that feeds them.

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "app/sinks/sink_factory.h"
#include "config/nexus_config.h"
#include "nexus/port/log_backend.h"
#include "route/book/route_book.h"
#include "route/log_dead_letters.h"
#include "route/router.h"
#include "schema/schema_catalog.h"

namespace nexus::app {

// All must outlive the delivery.
struct DeliveryParts {
  const config::NexusConfig& config;
  const schema::SchemaCatalog& schemas;
  LogBackend& log;
  EventReader& reader;
  follow::HeadSignal& head;
  JsonReader& json;
  Executor& executor;
  Clock& clock;            // the wall's
  Clock& recording_clock;  // of what is recorded
  IdSource& ids;
  CheckpointStore& checkpoints;
  MetricsRegistry& metrics;
  EgressLedger* ledger = nullptr;     // null: deliveries are not kept
  route::AppendPace* pace = nullptr;  // null: appends wait for no route
};

class Delivery {
 public:
  // Reads the routes; delivers nothing before Start().
  static absl::StatusOr<std::unique_ptr<Delivery>> Create(const DeliveryParts& parts);

  absl::Status Start() { return router_->Start(); }
  absl::Status Stop(absl::Duration timeout) { return router_->Stop(timeout); }

  route::RouteBook& book() { return *book_; }
  route::LogDeadLetters& letters() { return *letters_; }
  route::Router& router() { return *router_; }
  const route::Router& router() const { return *router_; }
  const SinkFactory& sinks() const { return sinks_; }

 private:
  explicit Delivery(const DeliveryParts& parts);

  const SinkFactory sinks_;
  std::unique_ptr<route::RouteBook> book_;
  std::unique_ptr<route::LogDeadLetters> letters_;
  std::shared_ptr<route::Router> router_;
};

}  // namespace nexus::app
