#include "absl/strings/str_cat.h"
#include "fault/broker.h"
#include "fault/kafka_broker.h"
#include "fault/nats_broker.h"
#include "fault/rabbitmq_broker.h"
#include "fault/webhook_broker.h"
#include "nexus/core/status_macros.h"

namespace nexus::fault {

absl::StatusOr<std::unique_ptr<Broker>> StartBroker(absl::string_view kind) {
  if (kind == "kafka") {
    NEXUS_RETURN_IF_ERROR(harness::KafkaServer::FindPrograms());
    return KafkaBroker::Start();
  }
  if (kind == "nats") {
    NEXUS_RETURN_IF_ERROR(harness::NatsServer::FindPrograms());
    return NatsBroker::Start();
  }
  if (kind == "rabbitmq" || kind == "rabbitmq-declared") {
    NEXUS_RETURN_IF_ERROR(harness::RabbitMqServer::FindPrograms());
    return RabbitMqBroker::Start(kind == "rabbitmq" ? RabbitMqBroker::Queue::kLimited
                                                    : RabbitMqBroker::Queue::kDeclared);
  }
  if (kind == "webhook") return WebhookBroker::Start();
  return absl::InvalidArgumentError(absl::StrCat("no broker is called ", kind));
}

}  // namespace nexus::fault
