#pragma once

// What an error of Kafka means to the router.

#include <librdkafka/rdkafka.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nexus::sink {

// OK for no error. LIMIT_EXCEEDED and MALFORMED_REQUEST where the event itself is refused, by the
// client or the broker. All else is kUnavailable: the network, the broker, what was purged, and
// also rights and a missing topic. A sink has one topic: were those the faults of events, all of
// them would become dead letters before somebody has mended it.
absl::Status FromKafka(rd_kafka_resp_err_t error, absl::string_view about);

}  // namespace nexus::sink
