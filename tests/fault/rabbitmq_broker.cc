#include "fault/rabbitmq_broker.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"

namespace nexus::fault {
namespace {

constexpr char kExchange[] = "faults";
constexpr char kQueue[] = "faults.all";
constexpr int kFullAt = 300;

absl::StatusOr<Arrival> ArrivalOf(const harness::RabbitMqRecord& record) {
  Arrival arrival;
  arrival.id = record.message_id;
  const auto position = record.headers.find("cloudEvents_nexusposition");
  if (position == record.headers.end() || !absl::SimpleAtoi(position->second, &arrival.position)) {
    return absl::DataLossError("a message without its position");
  }
  return arrival;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Broker>> RabbitMqBroker::Start() {
  std::unique_ptr<RabbitMqBroker> broker(new RabbitMqBroker);
  NEXUS_ASSIGN_OR_RETURN(
      broker->server_,
      harness::RabbitMqServer::Start(
          {.extra_config = absl::StrCat("max_message_size = ", kPoisonBytes, "\n")}));
  broker->proxy_ = std::make_unique<harness::FaultProxy>(broker->server_->port());
  NEXUS_ASSIGN_OR_RETURN(const auto reader,
                         harness::RabbitMqReader::Connect(broker->server_->port()));
  NEXUS_RETURN_IF_ERROR(reader->DeclareExchange(kExchange));
  NEXUS_RETURN_IF_ERROR(reader->DeclareQueue(kQueue, kExchange, "#", kFullAt));
  return broker;
}

std::string RabbitMqBroker::SinkJson() const {
  return absl::StrCat(R"({"kind": "rabbitmq", "settings": {"brokers": "127.0.0.1:)", proxy_->port(),
                      R"(", "password_file": "broker-password", "exchange": ")", kExchange,
                      R"("}})");
}

absl::StatusOr<std::vector<Arrival>> RabbitMqBroker::ReadOn() {
  NEXUS_ASSIGN_OR_RETURN(const auto reader, harness::RabbitMqReader::Connect(server_->port()));
  NEXUS_ASSIGN_OR_RETURN(const std::vector<harness::RabbitMqRecord> records,
                         reader->TakeAll(kQueue));
  std::vector<Arrival> arrivals;
  for (const harness::RabbitMqRecord& record : records) {
    NEXUS_ASSIGN_OR_RETURN(Arrival arrival, ArrivalOf(record));
    arrivals.push_back(std::move(arrival));
  }
  return arrivals;
}

}  // namespace nexus::fault
