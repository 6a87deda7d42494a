#pragma once

// What a log holds against what its writers were told.

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "evidence/journal.h"
#include "nexus/core/commit.h"
#include "nexus/port/event_reader.h"
#include "storage/rocksdb/rocks_log.h"

namespace nexus::evidence {

// Notes what became of a workload commit.
void NoteAnswer(uint64_t number, const absl::StatusOr<CommitReceipt>& answer, Journal& journal);

// Reads everything forwards: an error is fine, an answer that is shorter than the head or has a gap
// is not.
void CheckReads(EventReader& reader, Findings& findings);

// Of a log that was opened again: every acknowledged commit is there once, where its receipt said,
// and can be read in every way; unknown ones are there once or not at all; refused ones and ones
// that nobody proposed are not; positions and revisions are gapless. Then sends every unknown one
// again, twice: one verdict. Changes the log; the journal knows those as stored afterwards.
void CheckLog(storage::RocksLog& log, Journal& journal);

// Opens the folder with a healthy file system (nullptr: the real one) and checks it. Not opening is
// a finding. For a child.
void CheckFolder(const std::string& folder, rocksdb::Env* env, Journal& journal);

// By section ("all forwards", "stream ledger", "receipt 7") what the log answers, or one line that
// begins with "error" and names the reason. Two logs with the same dump are the same to every
// reader.
using LogDump = std::map<std::string, std::string>;
LogDump DumpLog(storage::RocksLog& log, uint64_t commits);
std::string DumpText(const LogDump& dump);

}  // namespace nexus::evidence
