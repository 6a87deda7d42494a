#pragma once

// What a user of a Kafka broker may do with a topic.

#include <string>

#include "absl/status/status.h"

namespace nexus::harness {

enum class KafkaRight { kDescribe, kWrite };  // who may write may describe too

// `brokers`: an address where everybody may change rights. They hold when the call returns.
absl::Status AllowInKafka(const std::string& brokers, const std::string& user,
                          const std::string& topic, KafkaRight right);
// Takes back all of the user's rights to the topic.
absl::Status ForbidInKafka(const std::string& brokers, const std::string& user,
                           const std::string& topic);

}  // namespace nexus::harness
