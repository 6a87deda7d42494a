#include "fault/kafka_broker.h"

#include "absl/strings/str_cat.h"
#include "fault/read_arrivals.h"
#include "nexus/core/status_macros.h"
#include "sink/kafka/kafka_broker_reader.h"

namespace nexus::fault {
namespace {

constexpr char kTopic[] = "faults";
constexpr int kPartitions = 3;

}  // namespace

absl::StatusOr<std::unique_ptr<Broker>> KafkaBroker::Start() {
  std::unique_ptr<KafkaBroker> broker(new KafkaBroker(harness::FreePort()));
  NEXUS_ASSIGN_OR_RETURN(broker->server_,
                         harness::KafkaServer::Start(broker->proxied_port_, broker->proxy_.port()));
  NEXUS_RETURN_IF_ERROR(broker->server_->CreateTopic(kTopic, kPartitions));
  return broker;
}

std::string KafkaBroker::SinkJson() const {
  // The client library waits this long for an answer before it gives up a connection.
  return absl::StrCat(R"({"kind": "kafka", "settings": {"brokers": "127.0.0.1:)", proxy_.port(),
                      R"(", "topic": ")", kTopic, R"(", "message_bytes_max": )", kPoisonBytes,
                      R"(, "properties": {"socket.timeout.ms": "2000"}}})");
}

// A topic that wants more copies than there are brokers takes nothing.
absl::Status KafkaBroker::SetFull(bool full) {
  return server_->SetTopic(kTopic, {{"min.insync.replicas", full ? "2" : "1"}});
}

absl::StatusOr<std::vector<Arrival>> KafkaBroker::ReadOn() {
  sink::KafkaOptions options;
  options.brokers = server_->brokers();
  options.topic = kTopic;
  NEXUS_ASSIGN_OR_RETURN(const auto reader, sink::KafkaBrokerReader::Open(options, false, json_));
  return ReadArrivals(*reader, next_);
}

}  // namespace nexus::fault
