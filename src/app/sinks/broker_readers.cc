#include "app/sinks/broker_readers.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "sink/kafka/kafka_broker_reader.h"
#include "sink/nats/nats_broker_reader.h"

namespace nexus::app {
namespace {

absl::Status CannotBeRead(absl::string_view why) {
  return MakeError(ErrorReason::kUnimplemented,
                   absl::StrCat("what was delivered cannot be read back: ", why));
}

}  // namespace

absl::StatusOr<std::unique_ptr<BrokerReader>> OpenBrokerReader(const SinkSettings& with) {
  const std::string& kind = with.route.sink.kind;
  if (kind == "rabbitmq") return CannotBeRead("who reads a queue of RabbitMQ takes it away");
  if (kind == "webhook")
    return CannotBeRead("a webhook answers and keeps nothing that is asked for");
  if (with.route.format == route::EventFormat::kRaw) {
    return CannotBeRead("raw values do not say which events they are");
  }
  const bool structured = with.route.format == route::EventFormat::kCloudEventsStructured;
  if (kind == "kafka") {
    NEXUS_ASSIGN_OR_RETURN(const sink::KafkaOptions options, ReadKafkaSettings(with));
    return sink::KafkaBrokerReader::Open(options, structured, with.json);
  }
  if (kind == "nats") {
    NEXUS_ASSIGN_OR_RETURN(sink::NatsOptions options, ReadNatsSettings(with));
    options.name = "reconcile";
    return sink::NatsBrokerReader::Open(std::move(options), structured, with.json);
  }
  return CannotBeRead(absl::StrCat("nobody here reads ", kind));
}

}  // namespace nexus::app
