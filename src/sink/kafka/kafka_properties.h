#pragma once

// The settings of the client library, and why they are what they are
// (docs/how-to/route-to-kafka.md).

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sink/kafka/kafka_options.h"

namespace nexus::sink {

using KafkaProperties = std::vector<std::pair<std::string, std::string>>;

// Whether a user may set `name`: it changes how the broker is reached, not what is promised.
bool IsAllowedKafkaProperty(absl::string_view name);

// All settings in the order in which they apply. CONFIGURATION_INVALID for a property that is not
// allowed or an option without a value.
absl::StatusOr<KafkaProperties> KafkaPropertiesFor(const KafkaOptions& options);

}  // namespace nexus::sink
