#pragma once

// What came of a run, printed as one line of JSON for the driver.

#include <cstdint>
#include <map>
#include <string>

#include "client/latency_histogram.h"

namespace nexus::bench {

struct LoadReport {
  client::LatencyHistogram latency;
  uint64_t requests = 0;
  uint64_t events = 0;
  uint64_t retries = 0;  // conflicts that were tried again
  uint64_t errors = 0;
  std::string first_error;
  double seconds = 0;
  std::map<std::string, double> more;  // what only one measure has
};

std::string ToJson(const LoadReport& report);

// Nanoseconds of the monotonic clock.
int64_t NowNs();

// Ends the process with status 1.
[[noreturn]] void Die(const std::string& why);

}  // namespace nexus::bench
