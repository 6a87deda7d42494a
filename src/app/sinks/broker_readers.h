#pragma once

// Reading back what sinks have delivered, by kind of sink.

#include <memory>

#include "absl/status/statusor.h"
#include "app/sinks/sink_settings.h"
#include "nexus/port/broker_reader.h"

namespace nexus::app {

// Needs no broker. UNIMPLEMENTED where the broker gives back nothing without taking it away, or its
// records do not say which events they are; else as SinkFactory::Make().
absl::StatusOr<std::unique_ptr<BrokerReader>> OpenBrokerReader(const SinkSettings& with);

}  // namespace nexus::app
