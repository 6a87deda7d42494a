#include "harness/kafka/kafka_reader.h"

#include <librdkafka/rdkafka.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace nexus::harness {
namespace {

std::string Bytes(const void* data, size_t size) {
  return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

KafkaRecord RecordOf(const rd_kafka_message_t& message) {
  KafkaRecord record;
  record.key = Bytes(message.key, message.key_len);
  record.value = Bytes(message.payload, message.len);
  record.has_value = message.payload != nullptr;
  record.partition = message.partition;
  record.offset = message.offset;
  rd_kafka_timestamp_type_t type;
  record.timestamp_ms = rd_kafka_message_timestamp(&message, &type);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name;
  const void* value;
  size_t size;
  for (size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    record.headers[name] = Bytes(value, size);
  }
  return record;
}

absl::StatusOr<rd_kafka_t*> Consumer(const std::string& brokers, const std::string& topic,
                                     int partitions) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[256] = "";
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"bootstrap.servers", brokers}, {"group.id", "none"}, {"fetch.wait.max.ms", "20"}}) {
    rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof(error));
  }
  rd_kafka_t* consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof(error));
  if (consumer == nullptr) return absl::InternalError(error);
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(partitions);
  for (int i = 0; i < partitions; ++i) {
    rd_kafka_topic_partition_list_add(list, topic.c_str(), i)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(consumer, list);
  rd_kafka_topic_partition_list_destroy(list);
  return consumer;
}

}  // namespace

absl::StatusOr<std::vector<KafkaRecord>> ReadTopic(
    const std::string& brokers, const std::string& topic, int partitions,
    absl::FunctionRef<bool(const std::vector<KafkaRecord>&)> enough, absl::Duration timeout) {
  const absl::StatusOr<rd_kafka_t*> consumer = Consumer(brokers, topic, partitions);
  if (!consumer.ok()) return consumer.status();
  std::vector<KafkaRecord> records;
  const absl::Time deadline = absl::Now() + timeout;
  bool complete = enough(records);
  while (!complete && absl::Now() < deadline) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(*consumer, 200);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      records.push_back(RecordOf(*message));
      complete = enough(records);
    }
    rd_kafka_message_destroy(message);
  }
  rd_kafka_assign(*consumer, nullptr);
  rd_kafka_consumer_close(*consumer);
  rd_kafka_destroy(*consumer);
  if (complete) return records;
  return absl::DeadlineExceededError(absl::StrCat("only ", records.size(), " records"));
}

}  // namespace nexus::harness
