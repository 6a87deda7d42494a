#include "sink/kafka/kafka_broker_reader.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "route/cloud_record.h"
#include "sink/kafka/kafka_properties.h"
#include "sink/kafka/kafka_status.h"

namespace nexus::sink {
namespace {

constexpr size_t kMessagesAtOnce = 1'000;

int WaitMillis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

void DropReaderLine(const rd_kafka_t*, int, const char*, const char*) {}

// Those of the sink say how the broker is reached; a consumer passes over what is a producer's.
KafkaProperties ReaderProperties(KafkaProperties properties) {
  properties.insert(properties.end(), {{"enable.auto.commit", "false"},
                                       {"enable.partition.eof", "true"},
                                       {"auto.offset.reset", "earliest"},
                                       {"isolation.level", "read_committed"},
                                       {"fetch.wait.max.ms", "50"},
                                       // Of what waits here, a partition.
                                       {"queued.max.messages.kbytes", "8192"}});
  return properties;
}

absl::Status ReadFailed(const char* what) {
  return FromKafka(rd_kafka_last_error(), absl::StrCat(what, " of the comparison"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<KafkaBrokerReader>> KafkaBrokerReader::Open(
    const KafkaOptions& options, bool structured, JsonReader& json) {
  NEXUS_ASSIGN_OR_RETURN(const KafkaProperties properties, KafkaPropertiesFor(options));
  std::unique_ptr<KafkaBrokerReader> reader(new KafkaBrokerReader(options.topic, structured, json));
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[512] = "";
  for (const auto& [name, value] : ReaderProperties(properties)) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof(error)) ==
        RD_KAFKA_CONF_OK) {
      continue;
    }
    rd_kafka_conf_destroy(conf);
    return MakeError(ErrorReason::kConfigurationInvalid, absl::StrCat("route.kafka: ", error));
  }
  rd_kafka_conf_set_log_cb(conf, &DropReaderLine);
  reader->kafka_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof(error));
  if (reader->kafka_ == nullptr) {
    rd_kafka_conf_destroy(conf);
    return MakeError(ErrorReason::kConfigurationInvalid, absl::StrCat("route.kafka: ", error));
  }
  reader->topic_ = rd_kafka_topic_new(reader->kafka_, options.topic.c_str(), nullptr);
  if (reader->topic_ == nullptr) return ReadFailed("the topic");
  reader->queue_ = rd_kafka_queue_new(reader->kafka_);
  return reader;
}

KafkaBrokerReader::~KafkaBrokerReader() {
  if (queue_ != nullptr) {
    for (const auto& [partition, end] : open_) rd_kafka_consume_stop(topic_, partition);
    rd_kafka_queue_destroy(queue_);
  }
  if (topic_ != nullptr) rd_kafka_topic_destroy(topic_);
  if (kafka_ != nullptr) rd_kafka_destroy(kafka_);
}

absl::StatusOr<std::vector<int32_t>> KafkaBrokerReader::Partitions(absl::Duration timeout) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(kafka_, 0, topic_, &metadata, WaitMillis(timeout));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return FromKafka(error, "asking for the topic");
  std::vector<int32_t> partitions;
  rd_kafka_resp_err_t of_topic = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  if (metadata->topic_cnt == 1) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[0];
    of_topic = topic.err;
    for (int i = 0; i < topic.partition_cnt; ++i) partitions.push_back(topic.partitions[i].id);
  }
  rd_kafka_metadata_destroy(metadata);
  if (of_topic != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return FromKafka(of_topic, absl::StrCat("topic ", topic_name_));
  }
  return partitions;
}

absl::StatusOr<std::vector<BrokerPart>> KafkaBrokerReader::Parts(absl::Duration timeout) {
  NEXUS_ASSIGN_OR_RETURN(const std::vector<int32_t> partitions, Partitions(timeout));
  std::vector<BrokerPart> parts;
  for (const int32_t partition : partitions) {
    BrokerPart part{.partition = partition};
    const rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(
        kafka_, topic_name_.c_str(), partition, &part.first, &part.end, WaitMillis(timeout));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return FromKafka(error, absl::StrCat("where partition ", partition, " ends"));
    }
    parts.push_back(part);
  }
  return parts;
}

absl::Status KafkaBrokerReader::Begin(const std::vector<BrokerPart>& parts) {
  for (const BrokerPart& part : parts) {
    if (part.first >= part.end) continue;
    if (rd_kafka_consume_start_queue(topic_, part.partition, part.first, queue_) != 0) {
      return ReadFailed("reading");
    }
    open_[part.partition] = part.end;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> KafkaBrokerReader::Read(absl::Duration wait, Take take) {
  if (open_.empty()) return true;
  std::array<rd_kafka_message_t*, kMessagesAtOnce> messages{};
  const ssize_t count =
      rd_kafka_consume_batch_queue(queue_, WaitMillis(wait), messages.data(), messages.size());
  if (count < 0) return ReadFailed("reading");
  absl::Status status;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    if (status.ok()) status = Heed(*messages[i], take);
    rd_kafka_message_destroy(messages[i]);
  }
  if (!status.ok()) return status;
  return open_.empty();
}

absl::Status KafkaBrokerReader::Heed(const rd_kafka_message_t& message, Take take) {
  const auto open = open_.find(message.partition);
  if (open == open_.end()) return absl::OkStatus();  // behind its end
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    End(message.partition);
    return absl::OkStatus();
  }
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return FromKafka(message.err, "reading");
  const int64_t end = open->second;
  if (message.offset < end) Give(message, take);
  if (message.offset + 1 >= end) End(message.partition);
  return absl::OkStatus();
}

void KafkaBrokerReader::End(int32_t partition) {
  open_.erase(partition);
  rd_kafka_consume_stop(topic_, partition);
}

void KafkaBrokerReader::Give(const rd_kafka_message_t& message, Take take) {
  route::CloudRecord event;
  if (structured_) {
    event.TakeJson({static_cast<const char*>(message.payload), message.len}, json_);
  } else {
    rd_kafka_headers_t* headers = nullptr;
    const char* name;
    const void* value;
    size_t size;
    if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      for (size_t i = 0;
           rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
           ++i) {
        absl::string_view attribute = name;
        if (!absl::ConsumePrefix(&attribute, "ce_")) continue;
        event.Take(attribute, {static_cast<const char*>(value), size});
      }
    }
  }
  BrokerRecord record;
  record.partition = message.partition;
  record.number = message.offset;
  event.Fill(record);
  take(record);
}

}  // namespace nexus::sink
