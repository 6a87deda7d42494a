#pragma once

// A load of appends for measuring: many unary calls outstanding on few connections, driven by one
// completion queue a thread. It shares the machine with the server that it measures, so a call
// costs it as little as possible: the events of a request are serialised once, only the commit id
// is new each time, and answers are not parsed.

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/latency_histogram.h"
#include "nexus/client/tls.h"
#include "nexus/core/clock.h"
#include "nexus/core/id_source.h"

namespace nexus::client {

// Commands in place of commits.
struct CommandLoad {
  std::string type;  // empty: commits are sent
  // The data of a command; "{n}" in it is the number of its aggregate.
  std::string data;
  int aggregates = 1'000;  // one is picked by chance for each command
};

struct LoadOptions {
  std::string server;
  std::optional<ClientTls> tls = {};
  std::string token;
  std::string type;           // event type; its schema must take {"payload": string}
  std::string stream_prefix;  // streams are "<prefix>-0" and so on
  int clients = 1;            // calls outstanding at once
  int batch = 1;              // events a request
  int data_bytes = 256;       // of one event
  int streams = 0;            // 0: one a client
  CommandLoad command = {};
  int connections = 4;
  int threads = 1;
  double rate = 0;         // requests a second, open loop; 0: as fast as answers come
  absl::Duration warm_up;  // not counted
  absl::Duration duration = absl::Seconds(10);
  absl::Duration call_timeout = absl::Seconds(10);
  uint64_t errors_in_a_row_max = 1'000;  // then the run ends: the server is gone
};

struct LoadResult {
  LatencyHistogram latency;  // of accepted requests; open loop: from the moment planned
  uint64_t requests = 0;     // accepted in the measured time
  uint64_t errors = 0;
  std::map<std::string, uint64_t> errors_by_reason;
  std::string first_error;
  absl::Duration duration;  // measured
};

// The data of an event that is exactly `bytes` long (at least 14: an empty payload).
std::string LoadData(int bytes, IdSource& ids);

// Blocks until the load is over or `stop` is set.
absl::StatusOr<LoadResult> RunAppendLoad(const LoadOptions& options, Clock& clock, IdSource& ids,
                                         const std::atomic<bool>& stop);

}  // namespace nexus::client
