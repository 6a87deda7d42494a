#pragma once

// Reads a topic from its beginning, as a consumer would see it.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace nexus::harness {

struct KafkaRecord {
  std::string key;
  std::string value;
  bool has_value = false;  // false: a tombstone
  std::map<std::string, std::string> headers;
  int partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = 0;
};

// All records of `topic`, in the order of each partition, read until `enough` says so. With the
// records so far in the message, kDeadlineExceeded if it does not within `timeout`.
absl::StatusOr<std::vector<KafkaRecord>> ReadTopic(
    const std::string& brokers, const std::string& topic, int partitions,
    absl::FunctionRef<bool(const std::vector<KafkaRecord>&)> enough, absl::Duration timeout);

}  // namespace nexus::harness
