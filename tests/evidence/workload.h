#pragma once

// The commits that a writer proposes, each made from its number alone, and the writer.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/journal.h"
#include "nexus/core/commit.h"
#include "nexus/port/log_backend.h"
#include "storage/rocksdb/rocks_log.h"

namespace nexus::evidence {

// Commit `number`, from 1: one to three events in one of five streams, and every fourth in a second
// one too. Up to 6 KB of data.
Commit WorkloadCommit(uint64_t number);
std::vector<std::string> WorkloadStreams();
// The number in the id of a workload commit.
uint64_t NumberOf(const CommitId& id);

struct WriterOptions {
  std::string folder;
  uint64_t commits = 40;
  uint64_t first = 1;         // number of the first commit
  uint64_t in_flight = 1;     // proposed and not yet answered
  uint64_t reopen_after = 0;  // close and open again after this many; 0: never
  size_t memtable_bytes = 32 << 10;
  rocksdb::Env* env = nullptr;
};

// A log with small memtables, so that little is needed to flush. No reserve of disk space.
absl::StatusOr<std::unique_ptr<storage::RocksLog>> OpenLog(const std::string& folder,
                                                           rocksdb::Env* env = nullptr,
                                                           size_t memtable_bytes = 32 << 10,
                                                           uint64_t verify_positions_max = 10'000);

// Opens the log, proposes the commits, notes every answer, reads in between. After an answer that
// is unknown it proposes two more, which must be refused, and ends. For a child process.
void RunWriter(const WriterOptions& options, Journal& journal);

// Proposes and notes the answer.
absl::StatusOr<CommitReceipt> ProposeNoted(LogBackend& log, uint64_t number, Journal& journal);

}  // namespace nexus::evidence
