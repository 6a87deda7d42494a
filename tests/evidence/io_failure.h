#pragma once

// One run of the workload in which one I/O operation fails, or the power goes, and what is found
// afterwards.

#include <cstdint>
#include <string>

#include "evidence/child.h"
#include "evidence/faulty_file_system.h"

namespace nexus::evidence {

struct FaultRun {
  FaultPlan fault = {};
  PowerCutPlan cut = {};
  uint64_t commits = 40;
  uint64_t reopen_after = 25;
  uint64_t in_flight = 1;
  std::string planted = {};  // fault of include/nexus/core/planted_fault.h
};

struct FaultResult {
  bool hit = false;  // the operation was reached
  IoKind kind = IoKind::kAppend;
  bool aborted = false;     // RocksDB asserted
  uint64_t operations = 0;  // counted until the end
  std::string findings;     // empty: all is well
};

FaultResult RunWithFault(const FaultRun& run);

}  // namespace nexus::evidence
