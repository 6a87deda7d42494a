#pragma once

// The smallest log that survives kill -9: one file of length-prefixed commits, and every fault that
// the crash test must find, to be switched on by name.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "nexus/v1/event_store.pb.h"

namespace nexus::crash {

// Empty: none. The others are planted on purpose.
//   ack_before_write   answers first, and writes once some dozen commits are there
//   forget_ids         does not know after a start which commits it has
//   show_before_write  lets readers see events that are not on disk yet
//   write_in_parts     writes a commit event by event
//   skip_delivery      leaves out every hundredth event in the outbox
//   reuse_positions    counts positions from 1 again after a start
//   forget_decisions   stores events without the decision that admitted them
using Fault = std::string;

// Thread-safe.
class ToyLog {
 public:
  ToyLog(std::string folder, Fault fault);

  // False, and no receipt, if an expected revision is wrong: then `failure` lists those that are.
  bool Append(const v1::AppendRequest& request, v1::AppendResponse& receipt,
              google::rpc::PreconditionFailure& failure);

  // Events after the first `after` ones, of `stream` or of all if it is empty; waits up to
  // `timeout` for the first. `head` is the number of all events at that moment.
  std::vector<v1::Event> ReadAfter(const std::string& stream, size_t after, absl::Duration timeout,
                                   uint64_t& head);

 private:
  void CheckExpected(const v1::AppendRequest& request,
                     google::rpc::PreconditionFailure& failure) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const std::vector<v1::Event>& Shown(const std::string& stream)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stream.empty() ? log_ : streams_[stream];
  }
  std::vector<v1::Event> MakeEvents(const v1::AppendRequest& request, v1::AppendResponse& receipt)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Load() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Show(const std::vector<v1::Event>& events) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Write(const std::vector<v1::Event>& events) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Deliver(const std::vector<v1::Event>& events) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Is(const char* fault) const { return fault_ == fault; }

  const std::string folder_;
  const Fault fault_;
  absl::Mutex append_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  absl::Mutex mutex_;
  int file_ ABSL_GUARDED_BY(mutex_) = -1;
  int outbox_ ABSL_GUARDED_BY(mutex_) = -1;
  uint64_t next_position_ ABSL_GUARDED_BY(mutex_) = 1;
  std::vector<v1::Event> log_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<v1::Event>> streams_ ABSL_GUARDED_BY(mutex_);
  std::string unwritten_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, uint64_t> next_revision_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, v1::AppendResponse> receipts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::crash
