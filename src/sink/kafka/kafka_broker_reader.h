#pragma once

// KafkaBrokerReader: what the partitions of a topic hold, by offset. It is no member of a consumer
// group and the broker remembers nothing of it. Only what is committed is seen.
//
// Not thread-safe.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nexus/port/broker_reader.h"
#include "nexus/port/json_reader.h"
#include "sink/kafka/kafka_options.h"

// Of the library.
struct rd_kafka_s;
struct rd_kafka_topic_s;
struct rd_kafka_queue_s;
struct rd_kafka_message_s;

namespace nexus::sink {

class KafkaBrokerReader : public BrokerReader {
 public:
  // Of the topic that a sink with these options writes to. `structured`: events are the values, and
  // not the headers. Needs no broker. `json` must outlive it. CONFIGURATION_INVALID.
  static absl::StatusOr<std::unique_ptr<KafkaBrokerReader>> Open(const KafkaOptions& options,
                                                                 bool structured, JsonReader& json);
  ~KafkaBrokerReader() override;
  KafkaBrokerReader(const KafkaBrokerReader&) = delete;
  KafkaBrokerReader& operator=(const KafkaBrokerReader&) = delete;

  absl::string_view Place() const override { return topic_name_; }
  absl::StatusOr<std::vector<BrokerPart>> Parts(absl::Duration timeout) override;
  absl::Status Begin(const std::vector<BrokerPart>& parts) override;
  absl::StatusOr<bool> Read(absl::Duration wait, Take take) override;

 private:
  KafkaBrokerReader(std::string topic, bool structured, JsonReader& json)
      : topic_name_(std::move(topic)), structured_(structured), json_(json) {}

  absl::StatusOr<std::vector<int32_t>> Partitions(absl::Duration timeout);
  absl::Status Heed(const rd_kafka_message_s& message, Take take);
  void Give(const rd_kafka_message_s& message, Take take);
  void End(int32_t partition);

  const std::string topic_name_;
  const bool structured_;
  JsonReader& json_;
  rd_kafka_s* kafka_ = nullptr;
  rd_kafka_topic_s* topic_ = nullptr;
  rd_kafka_queue_s* queue_ = nullptr;
  std::map<int32_t, int64_t> open_;  // partitions that are read, and where each ends
};

}  // namespace nexus::sink
