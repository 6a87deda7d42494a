#pragma once

// A client that appends without a pause, notes what it was told, and settles what it does not know.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "crash/history.h"
#include "nexus/v1/event_store.grpc.pb.h"

namespace nexus::crash {

// Counts calls and answers over all writers. Thread-safe.
using Ticks = std::atomic<int64_t>;

// One writer; used by one thread at a time.
class Writer {
 public:
  Writer(int number, uint64_t seed, Ticks& ticks) : number_(number), random_(seed), ticks_(ticks) {}

  // Appends until the daemon is gone: the last commit has an unknown outcome then. Returns what
  // went wrong beside that, if anything did.
  absl::Status RunUntilTheEnd(nexus::v1::EventStoreService::Stub& stub);

  // Sends the commit of unknown outcome again, with the same id, until it has an answer.
  absl::Status Settle(nexus::v1::EventStoreService::Stub& stub, absl::Duration timeout);

  const std::vector<CommitRecord>& commits() const { return commits_; }
  bool HasUnknown() const {
    return !commits_.empty() && commits_.back().outcome == Outcome::kUnknown;
  }

 private:
  nexus::v1::AppendRequest NextRequest();
  void AddEvents(const std::string& stream, nexus::v1::AppendRequest& request, StreamPart& part);
  // Sends the last commit and notes the answer.
  absl::Status Send(nexus::v1::EventStoreService::Stub& stub);
  absl::Status NoteReceipt(const nexus::v1::AppendResponse& receipt);
  // An accepted commit sent again must give the receipt of the first time.
  absl::Status SendAnOldOneAgain(nexus::v1::EventStoreService::Stub& stub);

  std::string NewUuid();
  uint64_t Below(uint64_t bound) { return random_() % bound; }

  const int number_;
  std::mt19937_64 random_;
  Ticks& ticks_;
  uint64_t events_made_ = 0;
  std::optional<uint64_t> own_revision_;  // last one of the stream that only this writer writes to
  std::vector<CommitRecord> commits_;
  nexus::v1::AppendRequest last_request_;
  bool must_fail_ = false;  // the last request expects a revision that the stream does not have
  std::optional<std::pair<nexus::v1::AppendRequest, CommitRecord>> old_one_;
};

}  // namespace nexus::crash
