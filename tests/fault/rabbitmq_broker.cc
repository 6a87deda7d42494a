#include "fault/rabbitmq_broker.h"

#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "fake/eventually.h"
#include "harness/nexusd/temporary_folder.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/system_clock.h"
#include "sink/rabbitmq/rabbitmq_sink.h"

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

absl::StatusOr<std::unique_ptr<Broker>> RabbitMqBroker::Start(Queue queue) {
  std::unique_ptr<RabbitMqBroker> broker(new RabbitMqBroker(queue));
  NEXUS_ASSIGN_OR_RETURN(
      broker->server_,
      harness::RabbitMqServer::Start(
          {.extra_config = absl::StrCat("max_message_size = ", kPoisonBytes, "\n")}));
  broker->proxy_ = std::make_unique<harness::FaultProxy>(broker->server_->port());
  NEXUS_RETURN_IF_ERROR(queue == Queue::kLimited ? broker->MakeLimitedQueue()
                                                 : broker->DeclareOnce());
  // A broker that is killed before it has written down that a queue is declared comes back with a
  // queue that has no leader, for ever.
  broker->server_->Stop();
  NEXUS_RETURN_IF_ERROR(broker->server_->Restart());
  return broker;
}

absl::Status RabbitMqBroker::MakeLimitedQueue() {
  NEXUS_ASSIGN_OR_RETURN(const auto reader, harness::RabbitMqReader::Connect(server_->port()));
  NEXUS_RETURN_IF_ERROR(reader->DeclareExchange(kExchange));
  return reader->DeclareQueue(kQueue, kExchange, "#", kFullAt);
}

// As the route will.
absl::Status RabbitMqBroker::DeclareOnce() {
  const harness::TemporaryFolder folder;
  std::ofstream(folder / "password") << "guest\n";
  sink::RabbitMqOptions options;
  options.brokers = absl::StrCat("127.0.0.1:", server_->port());
  options.password.file = folder / "password";
  options.exchange = kExchange;
  options.topology.declare = true;
  options.topology.queues = {{kQueue, "#"}};
  const SystemClock clock;
  NEXUS_ASSIGN_OR_RETURN(const auto sink, sink::RabbitMqSink::Open(options, clock));
  return fake::Eventually([&] { return sink->Health().ok(); }) ? absl::OkStatus() : sink->Health();
}

std::string RabbitMqBroker::SinkJson() const {
  const std::string declared =
      queue_ == Queue::kLimited
          ? ""
          : absl::StrCat(R"(, "declare": true, "queues": {")", kQueue, R"(": "#"})");
  return absl::StrCat(R"({"kind": "rabbitmq", "settings": {"brokers": "127.0.0.1:)", proxy_->port(),
                      R"(", "password_file": "broker-password", "exchange": ")", kExchange, "\"",
                      declared, "}}");
}

absl::Status RabbitMqBroker::SetFull(bool full) {
  if (queue_ == Queue::kLimited) return absl::OkStatus();  // its consumer rests
  return server_->Control({"set_vm_memory_high_watermark", full ? "0.00001" : "0.6"}).status();
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
