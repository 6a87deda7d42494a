#pragma once

// Clients that read, and what the daemon leaves in files.

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "history/commit_maker.h"
#include "history/history.h"
#include "nexus/v1/event_store.grpc.pb.h"

namespace nexus::crash {

// Reads the whole log from `log.size() - again` on: compares what it has, and adds what is new. The
// read is noted in `journal`.
absl::Status ReadOn(v1::EventStoreService::Stub& stub, size_t again, history::Ticks& ticks,
                    std::vector<history::LoggedEvent>& log, history::Journal& journal);

// Reads streams and the whole log, in both directions, near the end where things happen. Used by
// one thread at a time.
class Reader {
 public:
  Reader(uint32_t number, uint64_t seed, int hot_streams, history::Ticks& ticks)
      : number_(number), random_(seed), hot_streams_(hot_streams), ticks_(ticks) {}

  // Reads until the daemon is gone.
  absl::Status RunUntilTheEnd(v1::EventStoreService::Stub& stub);
  history::Journal TakeJournal() { return std::exchange(journal_, {}); }

 private:
  v1::ReadRequest NextRequest();
  absl::Status Read(v1::EventStoreService::Stub& stub);

  const uint32_t number_;
  history::Random random_;
  const int hot_streams_;
  history::Ticks& ticks_;
  uint64_t head_ = 0;                          // it knows of
  std::map<std::string, uint64_t> revisions_;  // it has seen
  history::Journal journal_;
};

// A live subscription that goes on where it was, daemon after daemon. Used by one thread at a time.
class Subscriber {
 public:
  // `forgetful`: its last checkpoint is not always kept.
  Subscriber(uint32_t number, uint64_t seed, std::string stream, bool forgetful,
             history::Ticks& ticks)
      : number_(number),
        random_(seed),
        stream_(std::move(stream)),
        forgetful_(forgetful),
        ticks_(ticks) {}

  // Receives until the daemon is gone.
  absl::Status RunUntilTheEnd(v1::EventStoreService::Stub& stub);

  uint64_t events_seen() const { return events_seen_; }
  history::Journal TakeJournal() { return std::exchange(journal_, {}); }

 private:
  v1::SubscribeRequest NextRequest();
  absl::Status Note(const v1::SubscribeResponse& response);

  const uint32_t number_;
  history::Random random_;
  const std::string stream_;
  const bool forgetful_;
  history::Ticks& ticks_;
  uint64_t next_ = 0;  // events passed
  uint64_t events_seen_ = 0;
  history::Journal journal_;
};

// Event ids in the files that the default sink writes, DATA/outbox/*.jsonl, with how often each
// stands there. Lines that are not whole are counted under "".
std::map<std::string, int> ReadOutbox(const std::string& data_folder);

}  // namespace nexus::crash
