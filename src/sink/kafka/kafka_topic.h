#pragma once

// Making a topic.

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "sink/kafka/kafka_properties.h"

namespace nexus::sink {

struct TopicDraft {
  std::string name;
  int partitions = 1;
  int replicas = 1;
};

// OK if the topic is there afterwards, made now or before. Blocks for `timeout` at most.
absl::Status CreateKafkaTopic(const KafkaProperties& properties, const TopicDraft& topic,
                              absl::Duration timeout);

}  // namespace nexus::sink
