#pragma once

// A client that appends without a pause, notes what it was told, and settles what it does not know.

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "history/commit_maker.h"
#include "history/history.h"
#include "nexus/v1/event_store.grpc.pb.h"

namespace nexus::crash {

// One writer; used by one thread at a time.
class Writer {
 public:
  Writer(uint32_t number, uint64_t seed, history::CommitMix mix, history::Ticks& ticks)
      : number_(number), ticks_(ticks), maker_(number, seed, mix) {}

  // Appends until the daemon is gone: the last commit has no answer then. Returns what went wrong
  // beside that, if anything did.
  absl::Status RunUntilTheEnd(v1::EventStoreService::Stub& stub);

  // Sends the commit without an answer again, with the same ids, until it has one.
  absl::Status Settle(v1::EventStoreService::Stub& stub, absl::Duration timeout);

  bool HasUnknown() const { return pending_.has_value(); }
  // The calls since the last time.
  history::Journal TakeJournal() { return std::exchange(journal_, {}); }

 private:
  // Sends `pending_` and notes the answer; UNAVAILABLE if there was none.
  absl::Status Send(v1::EventStoreService::Stub& stub);

  const uint32_t number_;
  history::Ticks& ticks_;
  history::CommitMaker maker_;
  std::optional<Commit> pending_;
  history::Journal journal_;
};

}  // namespace nexus::crash
