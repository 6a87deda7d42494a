#pragma once

// What the RabbitMQ sink is told. docs/how-to/route-to-rabbitmq.md says what the broker needs.

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "sink/outbound/broker_address.h"
#include "sink/outbound/message.h"
#include "sink/outbound/secret.h"
#include "sink/outbound/tls_files.h"

namespace nexus::sink {

// A queue of a consumer: every event whose routing key matches `binding` goes there.
struct RabbitMqQueue {
  std::string name;
  std::string binding = "#";
};

// What the sink makes before it publishes. All of it may be there already, and must then be the
// same. Queues are quorum queues.
struct RabbitMqTopology {
  bool declare = false;  // false: the exchange must be there
  // An alternate exchange and a queue of this name for events that nobody is bound to. Empty:
  // none; such events are refused as NOT_FOUND.
  std::string unrouted = "nexus.unrouted";
  // Each with a dead letter exchange "<exchange>.dead" and a queue "<name>.dead".
  std::vector<RabbitMqQueue> queues = {};
  int delivery_limit = 5;   // deliveries of one message before it is dead-lettered
  size_t messages_max = 0;  // of each queue; 0: no limit. A full queue takes nothing.
  size_t queue_bytes_max = 0;
};

struct RabbitMqOptions {
  std::string name = "rabbitmq";  // of the sink: [a-z0-9-]+
  std::string brokers;            // "host[:port],host[:port]": nodes of one cluster
  std::string vhost = "/";
  std::string user = "guest";
  SecretPlace password = {};
  TlsFiles tls = {};
  std::string exchange = "nexus.events";
  std::string routing_key = "<category>.<type>";  // address_pattern.h
  MessageFormat format = {};
  RabbitMqTopology topology = {};
  size_t in_flight_max = 1'000;  // published and not confirmed
  // Of one stream on their way at once. 0: as many as keep its order, PerStreamMaxOf(). More than
  // that lets events arrive before an earlier one of their stream that was refused.
  size_t per_stream_max = 0;
  size_t queue_events_max = 20'000;
  size_t queue_bytes_max = 128 << 20;
  // Of the value. The broker has a limit of its own (max_message_size, 128 MiB).
  size_t message_bytes_max = 16 << 20;
  absl::Duration heartbeat = absl::Seconds(5);  // silent for twice as long: the broker is gone
  absl::Duration connect_timeout = absl::Seconds(5);
  absl::Duration send_timeout = absl::Seconds(10);     // of one message into the socket
  absl::Duration confirm_timeout = absl::Seconds(30);  // while the broker does not say "blocked"
  absl::Duration backoff_base = absl::Milliseconds(50);
  absl::Duration backoff_max = absl::Seconds(1);
};

// CONFIGURATION_INVALID, naming the option.
absl::Status Check(const RabbitMqOptions& options);

// What the options say, or how many keep the order of a stream: one, where the broker may refuse a
// message and take the next; many, to declared quorum queues that take all. Such a queue takes the
// messages of a channel in their order, and a message that the broker refuses by closing the
// channel has none behind it taken.
size_t PerStreamMaxOf(const RabbitMqOptions& options);

// Of options that were checked.
std::vector<BrokerAddress> BrokersOf(const RabbitMqOptions& options);

}  // namespace nexus::sink
