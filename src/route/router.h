#pragma once

// Router: brings every event of the log to the sink that its criticality pays for.
//
// It follows the whole log but the server's own '$' streams, once a sink, so that a slow sink holds
// up nobody else. Each sink has a checkpoint. Delivery is at least once, in order a stream within a
// sink; none can be promised across sinks, so a category that needs the order of its streams whole
// is declared as ordered.
//
// Thread-safe.

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "nexus/port/sink.h"
#include "route/declaration/criticality.h"
#include "route/sink_delivery.h"

namespace nexus::route {

struct RouterOptions {
  CriticalityRules criticality;
  DeliveryOptions critical;
  DeliveryOptions standard;
};

class Router {
 public:
  // The two paths may be one and the same sink, which then takes all. Sinks must outlive the
  // router.
  Router(const RouteContext& context, Sink& critical, Sink& standard, RouterOptions options);
  ~Router();  // Stop() without waiting for the sinks
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // Begins to deliver. CONFIGURATION_INVALID, POSITION_BEYOND_HEAD, or what reading checkpoints and
  // dead letters says. Reads from disk. Once.
  absl::Status Start();

  // Stops reading, gives the sinks together `timeout` at most to acknowledge what is on its way,
  // saves the checkpoints. DEADLINE_EXCEEDED if some was not: it is delivered again after a
  // restart.
  absl::Status Stop(absl::Duration timeout);

  std::vector<SinkStatus> Status() const;

 private:
  const Clock& clock_;
  const RouterOptions options_;
  std::vector<std::shared_ptr<SinkDelivery>> deliveries_;
};

}  // namespace nexus::route
