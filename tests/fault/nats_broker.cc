#include "fault/nats_broker.h"

#include "absl/strings/str_cat.h"
#include "fault/read_arrivals.h"
#include "harness/nats/nats_reader.h"
#include "nexus/core/status_macros.h"
#include "sink/nats/nats_broker_reader.h"

namespace nexus::fault {
namespace {

constexpr char kStream[] = "faults";
// What still comes in after the last sequence was asked for and before the limit is set. A server
// that finds more messages than it may keep removes the oldest, whatever its policy for new ones.
constexpr uint64_t kRoomUntilFull = 200;

harness::NatsStream StreamOf(int64_t messages_max) {
  return {.name = kStream, .subjects = {"faults.>"}, .max_messages = messages_max};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Broker>> NatsBroker::Start() {
  std::unique_ptr<NatsBroker> broker(new NatsBroker);
  NEXUS_ASSIGN_OR_RETURN(broker->server_,
                         harness::NatsServer::Start(
                             {.extra_config = absl::StrCat("max_payload: ", kPoisonBytes, "\n")}));
  broker->proxy_ = std::make_unique<harness::FaultProxy>(broker->server_->port());
  NEXUS_ASSIGN_OR_RETURN(const auto reader, harness::NatsReader::Connect(broker->server_->port()));
  NEXUS_RETURN_IF_ERROR(reader->AddStream(StreamOf(-1)));
  return broker;
}

std::string NatsBroker::SinkJson() const {
  return absl::StrCat(R"({"kind": "nats", "settings": {"servers": "127.0.0.1:)", proxy_->port(),
                      R"(", "stream": ")", kStream, R"(", "subject": "faults.<stream>"}})");
}

// A stream that soon holds as much as it may: it refuses what comes.
absl::Status NatsBroker::SetFull(bool full) {
  NEXUS_ASSIGN_OR_RETURN(const auto reader, harness::NatsReader::Connect(server_->port()));
  NEXUS_ASSIGN_OR_RETURN(const uint64_t last, reader->LastSequence(kStream));
  return reader->ChangeStream(StreamOf(full ? static_cast<int64_t>(last + kRoomUntilFull) : -1));
}

absl::StatusOr<std::vector<Arrival>> NatsBroker::ReadOn() {
  sink::NatsOptions options;
  options.servers = server_->address();
  options.stream = kStream;
  options.subject = "faults.<stream>";
  NEXUS_ASSIGN_OR_RETURN(const auto reader, sink::NatsBrokerReader::Open(options, false, json_));
  return ReadArrivals(*reader, next_);
}

}  // namespace nexus::fault
