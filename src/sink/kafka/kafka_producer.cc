#include "sink/kafka/kafka_producer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "sink/kafka/kafka_status.h"

namespace nexus::sink {
namespace {

int Millis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

// Health() tells what is wrong; the library's own lines would go to standard error.
void DropLogLine(const rd_kafka_t*, int, const char*, const char*) {}

absl::StatusOr<rd_kafka_conf_t*> ConfFor(const KafkaProperties& properties) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[512] = "";
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof(error)) ==
        RD_KAFKA_CONF_OK) {
      continue;
    }
    rd_kafka_conf_destroy(conf);
    return MakeError(ErrorReason::kConfigurationInvalid, absl::StrCat("route.kafka: ", error));
  }
  return conf;
}

rd_kafka_headers_t* HeadersFor(const route::CloudAttributes& attributes,
                               const route::ValueFrame& frame) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(attributes.size() + frame.headers.size() + 1);
  const auto add = [headers](const std::string& name, absl::string_view value) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  };
  for (const auto& [name, value] : attributes) add(absl::StrCat("ce_", name), value);
  if (!frame.content_type.empty()) add("content-type", frame.content_type);
  for (const auto& [name, value] : frame.headers) add(name, value);
  return headers;
}

}  // namespace

absl::StatusOr<std::unique_ptr<KafkaProducer>> KafkaProducer::Create(
    const KafkaProperties& properties, const std::string& topic) {
  absl::StatusOr<rd_kafka_conf_t*> conf = ConfFor(properties);
  if (!conf.ok()) return conf.status();
  std::unique_ptr<KafkaProducer> producer(new KafkaProducer);
  rd_kafka_conf_set_opaque(*conf, producer.get());
  rd_kafka_conf_set_dr_msg_cb(*conf, &KafkaProducer::OnReport);
  rd_kafka_conf_set_error_cb(*conf, &KafkaProducer::OnError);
  rd_kafka_conf_set_log_cb(*conf, &DropLogLine);
  char error[512] = "";
  producer->kafka_ = rd_kafka_new(RD_KAFKA_PRODUCER, *conf, error, sizeof(error));
  if (producer->kafka_ == nullptr) {
    rd_kafka_conf_destroy(*conf);
    return MakeError(ErrorReason::kConfigurationInvalid, absl::StrCat("route.kafka: ", error));
  }
  producer->queue_ = rd_kafka_queue_get_main(producer->kafka_);
  producer->topic_ = rd_kafka_topic_new(producer->kafka_, topic.c_str(), nullptr);
  if (producer->topic_ == nullptr) {
    return MakeError(ErrorReason::kConfigurationInvalid,
                     absl::StrCat("route.kafka.topic: ", topic, " is not a name of a topic"));
  }
  return producer;
}

KafkaProducer::~KafkaProducer() {
  if (topic_ != nullptr) rd_kafka_topic_destroy(topic_);
  if (queue_ != nullptr) rd_kafka_queue_destroy(queue_);
  if (kafka_ != nullptr) rd_kafka_destroy(kafka_);
}

absl::Status KafkaProducer::Produce(const RecordedEvent& event, absl::string_view key,
                                    const route::CloudAttributes& attributes,
                                    const route::ValueFrame& frame, Sink::Delivered& done) {
  rd_kafka_headers_t* headers = HeadersFor(attributes, frame);
  auto report = std::make_unique<Sink::Delivered>(std::move(done));
  std::string framed;
  absl::string_view value = event.data;
  if (frame.whole) {
    value = frame.prefix;
  } else if (!frame.prefix.empty()) {
    value = framed = absl::StrCat(frame.prefix, event.data);
  }
  // A null value would be a tombstone: empty data is not.
  const char* data = value.data() != nullptr ? value.data() : "";
  pending_.fetch_add(1);
  const rd_kafka_resp_err_t error = rd_kafka_producev(
      kafka_, RD_KAFKA_V_RKT(topic_), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_KEY(key.data(), key.size()),
      RD_KAFKA_V_VALUE(const_cast<char*>(data), value.size()),
      RD_KAFKA_V_TIMESTAMP(event.recorded.micros / 1'000), RD_KAFKA_V_HEADERS(headers),
      RD_KAFKA_V_OPAQUE(report.get()), RD_KAFKA_V_END);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    static_cast<void>(report.release());  // OnReport() owns it now
    return absl::OkStatus();
  }
  pending_.fetch_sub(1);
  rd_kafka_headers_destroy(headers);
  done = std::move(*report);
  return FromKafka(error, "producing");
}

void KafkaProducer::Poll(absl::Duration wait) { rd_kafka_poll(kafka_, Millis(wait)); }

void KafkaProducer::Wake() { rd_kafka_queue_yield(queue_); }

void KafkaProducer::Purge() {
  rd_kafka_purge(
      kafka_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

TopicState KafkaProducer::FindTopic(absl::Duration timeout) {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(kafka_, 0, topic_, &metadata, Millis(timeout)) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return TopicState::kUnknown;
  }
  TopicState state = TopicState::kUnknown;
  if (metadata->topic_cnt == 1) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[0];
    if (topic.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) state = TopicState::kMissing;
    if (topic.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) state = TopicState::kForbidden;
    if (topic.err == RD_KAFKA_RESP_ERR_NO_ERROR) state = TopicState::kThere;
  }
  rd_kafka_metadata_destroy(metadata);
  down_.store(false);
  if (!fatal()) SetTrouble("");
  return state;
}

void KafkaProducer::OnReport(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  auto* producer = static_cast<KafkaProducer*>(self);
  const std::unique_ptr<Sink::Delivered> done(static_cast<Sink::Delivered*>(message->_private));
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    producer->down_.store(false);
    producer->proved_.store(true);
    // A message that is found to have arrived before carries no offset.
    (*done)(Coordinate{rd_kafka_topic_name(message->rkt), message->partition, message->offset});
  } else {
    (*done)(FromKafka(message->err, "delivering"));
  }
  producer->pending_.fetch_sub(1);
}

void KafkaProducer::OnError(rd_kafka_t* kafka, int error, const char* reason, void* self) {
  auto* producer = static_cast<KafkaProducer*>(self);
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    producer->down_.store(true);
  } else if (error == RD_KAFKA_RESP_ERR__FATAL) {
    char words[512] = "";
    rd_kafka_fatal_error(kafka, words, sizeof(words));
    producer->SetTrouble(words);
    producer->fatal_.store(true);
  } else if (reason != nullptr) {
    producer->SetTrouble(reason);
  }
}

std::string KafkaProducer::Trouble() {
  absl::MutexLock lock(&mutex_);
  return trouble_;
}

void KafkaProducer::SetTrouble(absl::string_view words) {
  absl::MutexLock lock(&mutex_);
  trouble_ = std::string(words);
}

}  // namespace nexus::sink
