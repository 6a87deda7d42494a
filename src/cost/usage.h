#pragma once

// What goes through a sink in a period, as far as somebody bills it.
//
// Values; thread-safe as such.

#include <cstdint>
#include <map>
#include <set>

namespace nexus::cost {

struct Usage {
  uint64_t events = 0;
  uint64_t bytes = 0;
  uint64_t peak_events = 0;  // within a second
  uint64_t peak_bytes = 0;   // within a second, maybe another one
  // By size: in how many pieces of it all events are billed, each event rounded up by itself and
  // at least one.
  std::map<uint64_t, uint64_t> pieces;

  friend bool operator==(const Usage&, const Usage&) = default;
};

// As many pieces of `size` as an event of `bytes` is billed for.
inline uint64_t PiecesOf(uint64_t bytes, uint64_t size) {
  return bytes == 0 ? 1 : bytes / size + (bytes % size == 0 ? 0 : 1);
}

// Events that are all alike.
struct Workload {
  uint64_t events = 0;
  uint64_t event_bytes = 0;
  uint64_t peak_events = 0;  // a second
};

inline constexpr uint64_t kWholePermille = 1'000;

// Of `permille` of the events, evenly spread: the peak too.
Usage UsageOf(const Workload& workload, uint64_t permille, const std::set<uint64_t>& piece_sizes);

// As much in `seconds` as there was in `measured_seconds`; peaks stay. Not for 0.
Usage Projected(const Usage& usage, uint64_t measured_seconds, uint64_t seconds);

// How a sink is used, beside what goes through it. Shares are in millionths.
struct Assumptions {
  uint64_t seconds = 730 * 3'600;              // the period
  uint64_t duplicate_millionths = 0;           // sent again, for each that is sent
  uint64_t compressed_millionths = 1'000'000;  // of the bytes that are left; clusters and files
  uint64_t consumers = 1;                      // each gets everything
  uint64_t batch = 10;                         // events a request, where requests are billed
  uint64_t streams = 1;                        // where a stream has an hourly price
};

// With what is sent again.
Usage WithDuplicates(const Usage& usage, uint64_t duplicate_millionths);

}  // namespace nexus::cost
