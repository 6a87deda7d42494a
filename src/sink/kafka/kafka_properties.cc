#include "sink/kafka/kafka_properties.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::sink {
namespace {

constexpr std::array<absl::string_view, 3> kAllowedPrefixes = {"sasl.", "ssl.", "socket."};
constexpr std::array<absl::string_view, 19> kAllowed = {
    "security.protocol",
    "client.id",
    "client.rack",
    "broker.address.family",
    "broker.address.ttl",
    "connections.max.idle.ms",
    "reconnect.backoff.ms",
    "reconnect.backoff.max.ms",
    "retry.backoff.ms",
    "metadata.max.age.ms",
    "topic.metadata.refresh.interval.ms",
    "topic.metadata.refresh.fast.interval.ms",
    "topic.metadata.propagation.max.ms",
    "compression.codec",
    "compression.type",
    "compression.level",
    "batch.size",
    "batch.num.messages",
    "enable.ssl.certificate.verification",
};

absl::Status Invalid(absl::string_view message) {
  return MakeError(ErrorReason::kConfigurationInvalid, message);
}

}  // namespace

bool IsAllowedKafkaProperty(absl::string_view name) {
  const auto begins = [name](absl::string_view prefix) { return absl::StartsWith(name, prefix); };
  return std::find(kAllowed.begin(), kAllowed.end(), name) != kAllowed.end() ||
         std::any_of(kAllowedPrefixes.begin(), kAllowedPrefixes.end(), begins);
}

absl::StatusOr<KafkaProperties> KafkaPropertiesFor(const KafkaOptions& options) {
  if (options.brokers.empty()) return Invalid("route.kafka.brokers must not be empty");
  if (options.topic.empty()) return Invalid("route.kafka.topic must not be empty");
  KafkaProperties properties = {
      {"bootstrap.servers", options.brokers},
      {"client.id", "nexusd"},
      // Acknowledged by all replicas in sync; retried without a duplicate and without a reorder.
      {"enable.idempotence", "true"},
      // A message that times out leaves a hole in its series. The router watches the time instead.
      {"message.timeout.ms", "0"},
      // The same partition as a Java client would pick for the key.
      {"partitioner", "murmur2_random"},
      {"linger.ms", absl::StrCat(options.linger_ms)},
      {"compression.codec", "lz4"},
      {"batch.size", "262144"},
      {"batch.num.messages", "10000"},
      {"message.max.bytes", absl::StrCat(options.message_bytes_max)},
      {"queue.buffering.max.messages", absl::StrCat(options.queue_events_max)},
      {"queue.buffering.max.kbytes", absl::StrCat(options.queue_kib_max)},
      // Small messages must not wait for the acknowledgement of earlier packets.
      {"socket.nagle.disable", "true"},
      {"socket.keepalive.enable", "true"},
      // How long a broker that went away without a word can hold up what is on its way.
      {"socket.timeout.ms", "6000"},
      {"socket.connection.setup.timeout.ms", "3000"},
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "1000"},
      {"retry.backoff.ms", "50"},
      {"topic.metadata.refresh.fast.interval.ms", "100"},
      {"topic.metadata.propagation.max.ms", "5000"},
      {"broker.address.ttl", "1000"},
  };
  for (const auto& [name, value] : options.properties) {
    if (!IsAllowedKafkaProperty(name)) {
      return Invalid(absl::StrCat("route.kafka.properties: ", name,
                                  " is not one of the properties that may be set"));
    }
    properties.emplace_back(name, value);
  }
  return properties;
}

}  // namespace nexus::sink
