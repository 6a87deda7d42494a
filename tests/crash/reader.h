#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "crash/history.h"
#include "nexus/v1/event_store.grpc.pb.h"

namespace nexus::crash {

// Reads the whole log from the event after the last one of `log` on, and adds what it finds.
absl::Status ReadOn(v1::EventStoreService::Stub& stub, std::vector<LoggedEvent>& log);

// A live subscription over the whole log that goes on where it was, daemon after daemon. Used by
// one thread at a time.
class Subscriber {
 public:
  // Receives until the daemon is gone. An error if it was sent a gap, a duplicate or a disorder.
  absl::Status RunUntilTheEnd(v1::EventStoreService::Stub& stub);

  const Seen& seen() const { return seen_; }
  uint64_t times_caught_up() const { return times_caught_up_; }

 private:
  absl::Status Note(const v1::EventBatch& batch);

  Seen seen_;
  uint64_t checkpoint_ = 0;
  uint64_t times_caught_up_ = 0;
};

// Event ids in the files that the default sink writes, DATA/outbox/*.jsonl, with how often each
// stands there. Lines that are not whole are counted under "".
std::map<std::string, int> ReadOutbox(const std::string& data_folder);

}  // namespace nexus::crash
