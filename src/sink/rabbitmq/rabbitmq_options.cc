#include "sink/rabbitmq/rabbitmq_options.h"

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "sink/outbound/address_pattern.h"

namespace nexus::sink {
namespace {

constexpr int kPort = 5672;
constexpr int kTlsPort = 5671;
constexpr size_t kShortStringMax = 255;  // of AMQP: names and keys
constexpr size_t kPerStreamWithoutLimits = 64;

absl::Status Invalid(absl::string_view key, absl::string_view what) {
  return MakeError(ErrorReason::kConfigurationInvalid, absl::StrCat("rabbitmq.", key, " ", what));
}

absl::StatusOr<std::vector<BrokerAddress>> ParseBrokers(const RabbitMqOptions& options) {
  return ParseBrokerAddresses(options.brokers, options.tls.enabled ? kTlsPort : kPort,
                              "rabbitmq.brokers");
}

absl::Status CheckName(absl::string_view key, absl::string_view name) {
  if (name.size() > kShortStringMax) return Invalid(key, "is longer than 255 bytes");
  return absl::OkStatus();
}

absl::Status CheckTopology(const RabbitMqOptions& options) {
  const RabbitMqTopology& topology = options.topology;
  if (!topology.declare && !topology.queues.empty()) {
    return Invalid("topology.queues", "are given, but nothing is to be declared");
  }
  if (!topology.declare) return absl::OkStatus();
  if (options.exchange.empty()) return Invalid("exchange", "cannot be declared without a name");
  NEXUS_RETURN_IF_ERROR(CheckName("topology.unrouted", topology.unrouted));
  if (topology.delivery_limit < 1) return Invalid("topology.delivery_limit", "must be at least 1");
  for (const RabbitMqQueue& queue : topology.queues) {
    if (queue.name.empty()) return Invalid("topology.queues", "has a queue without a name");
    NEXUS_RETURN_IF_ERROR(CheckName("topology.queues", absl::StrCat(queue.name, ".dead")));
    NEXUS_RETURN_IF_ERROR(CheckName("topology.queues", queue.binding));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Check(const RabbitMqOptions& options) {
  if (options.name.empty()) return Invalid("name", "must not be empty");
  if (options.brokers.empty()) return Invalid("brokers", "must not be empty");
  NEXUS_RETURN_IF_ERROR(ParseBrokers(options).status());
  if (options.user.empty()) return Invalid("user", "must not be empty");
  NEXUS_RETURN_IF_ERROR(CheckSecretPlace(options.password, "rabbitmq.password"));
  NEXUS_RETURN_IF_ERROR(CheckTlsFiles(options.tls, "rabbitmq.tls"));
  NEXUS_RETURN_IF_ERROR(CheckName("vhost", options.vhost));
  NEXUS_RETURN_IF_ERROR(CheckName("exchange", options.exchange));
  NEXUS_RETURN_IF_ERROR(
      AddressPattern::Parse(options.routing_key, "rabbitmq.routing_key").status());
  if (options.in_flight_max < 1 || options.in_flight_max > 65'535) {
    return Invalid("in_flight_max", "must be between 1 and 65535");
  }
  if (options.heartbeat < absl::Seconds(1) || options.heartbeat > absl::Seconds(600)) {
    return Invalid("heartbeat", "must be between 1 and 600 seconds");
  }
  return CheckTopology(options);
}

size_t PerStreamMaxOf(const RabbitMqOptions& options) {
  if (options.per_stream_max > 0) return options.per_stream_max;
  const RabbitMqTopology& topology = options.topology;
  const bool takes_all = topology.declare && !topology.unrouted.empty() &&
                         topology.messages_max == 0 && topology.queue_bytes_max == 0;
  return takes_all ? kPerStreamWithoutLimits : 1;
}

std::vector<BrokerAddress> BrokersOf(const RabbitMqOptions& options) {
  return ParseBrokers(options).value_or(std::vector<BrokerAddress>());
}

}  // namespace nexus::sink
