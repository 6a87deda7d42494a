#pragma once

// What the Kafka sink is told.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "route/cloud_event.h"
#include "route/value_format.h"

namespace nexus::sink {

struct KafkaOptions {
  std::string name = "kafka";  // of the sink: [a-z0-9-]+
  std::string brokers;         // "host:port,host:port"
  std::string topic = "nexus.events";
  // Make the topic if it is not there, with so many partitions and replicas. 0: it must be there.
  int create_partitions = 0;
  int create_replicas = 1;
  std::string source = std::string(route::kDefaultSource);
  route::ValueFormat value_format = {};  // empty: the data alone
  int linger_ms = 1;
  // What the client library may hold. More than the router has on its way at once.
  size_t queue_events_max = 20'000;
  size_t queue_kib_max = 128 << 10;
  // Of one event with key and headers. Kafka's own default for a topic is 1,048,588.
  size_t message_bytes_max = 1'000'000;
  // More settings of the client library, by its own names: security, compression, timeouts. Only
  // those that cannot break the order or the acknowledgement (IsAllowedKafkaProperty).
  std::vector<std::pair<std::string, std::string>> properties = {};
};

}  // namespace nexus::sink
