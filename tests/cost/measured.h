#pragma once

// Runs cost_workload and counts. Every figure is for one append: from two runs of different length,
// so that what starting and stopping cost falls away.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace nexus::cost {

struct WorkloadRun {
  std::string workload;
  std::string folder;  // an empty one for the runs' data
  uint64_t appends = 0;
  uint64_t waste = 0;  // allocations more an append, on purpose
};

// Calls of operator new, and bytes asked of it.
struct AllocatedPerAppend {
  double calls = 0;
  double bytes = 0;
};
absl::StatusOr<AllocatedPerAppend> CountAllocations(const WorkloadRun& run);

// All but futex, whose number depends on who is faster. By strace.
absl::StatusOr<double> CountSystemCalls(const WorkloadRun& run);

// Of all threads. By valgrind's callgrind.
absl::StatusOr<double> CountInstructions(const WorkloadRun& run);

}  // namespace nexus::cost
