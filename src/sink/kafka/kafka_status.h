#pragma once

// What an error of Kafka means to the router.

#include <librdkafka/rdkafka.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nexus::sink {

// OK for no error. kInvalidArgument where the event itself is refused, by the client or the broker.
// All else is kUnavailable: the network, the broker, rights, a missing topic, what was purged.
absl::Status FromKafka(rd_kafka_resp_err_t error, absl::string_view about);

}  // namespace nexus::sink
