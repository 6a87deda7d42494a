#pragma once

// What the router gives to the service of routes. Nulls where routing is switched off.

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nexus/core/clock.h"
#include "nexus/port/broker_reader.h"
#include "nexus/port/checkpoint_store.h"
#include "nexus/port/egress_ledger.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/json_reader.h"
#include "route/book/route_book.h"
#include "route/log_dead_letters.h"
#include "route/router.h"

namespace nexus::rpc {

// What every call about routes says without a router.
inline constexpr char kNothingIsRouted[] = "this server delivers nothing (route.enabled is false)";

// All must outlive the server.
struct RouteControl {
  route::RouteBook* book = nullptr;
  route::LogDeadLetters* letters = nullptr;
  const route::Router* router = nullptr;
  EventReader* reader = nullptr;
  JsonReader* json = nullptr;
  EgressLedger* ledger = nullptr;
  CheckpointStore* checkpoints = nullptr;
  const Clock* clock = nullptr;
  // What is wrong with the settings of a sink.
  std::function<absl::Status(const route::RouteDeclaration&)> check_sink = nullptr;
  std::string prices_file = "";  // of cost reports; empty: those that are built in
  // Of what a route has delivered. UNIMPLEMENTED where nothing can be read back.
  std::function<absl::StatusOr<std::unique_ptr<BrokerReader>>(const route::RouteDeclaration&)>
      open_reader = nullptr;
};

}  // namespace nexus::rpc
