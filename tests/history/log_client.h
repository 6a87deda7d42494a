#pragma once

// One client of a log in this process: appends and reads by turns, and notes it all.

#include <cstdint>
#include <utility>

#include "history/commit_maker.h"
#include "history/history.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/log_backend.h"

namespace nexus::history {

// Used by one thread at a time.
class LogClient {
 public:
  LogClient(uint32_t number, uint64_t seed, CommitMix mix, Ticks& ticks)
      : number_(number), ticks_(ticks), maker_(number, seed, mix) {}

  // Makes `operations` calls, one after the other. `log` and `reader` are those of this round.
  void Run(LogBackend& log, EventReader& reader, int operations);

  // Reads that failed; none should.
  int failed_reads() const { return failed_reads_; }

  Journal TakeJournal() { return std::move(journal_); }

 private:
  void Append(LogBackend& log);
  void Read(EventReader& reader);

  const uint32_t number_;
  Ticks& ticks_;
  CommitMaker maker_;
  Journal journal_;
  int failed_reads_ = 0;
};

// A page as a read call saw it.
void Answer(ReadCall& read, Tick returned, const EventBatch& page);

}  // namespace nexus::history
