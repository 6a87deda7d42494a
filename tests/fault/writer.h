#pragma once

// A client that appends all the time, and notes what it was told. Now and then an event is poison:
// larger than any broker of these tests takes.
//
// Thread-safe. One thread of its own.

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "nexus/v1/event_store.grpc.pb.h"

namespace nexus::fault {

class Writer {
 public:
  explicit Writer(uint64_t seed);
  ~Writer();

  // Appends from now on through `stub`, and tries again where nobody answers.
  void GoOn(std::shared_ptr<v1::EventStoreService::Stub> stub);
  // Returns when nothing is under way.
  void Pause();

  // Events that the server said it had stored, so far.
  uint64_t stored();
  // Their ids since the last call.
  std::vector<std::string> TakeStored();
  // What went wrong that was not the end of the server; empty: nothing.
  std::string error();

 private:
  void Work();
  v1::AppendRequest Next();
  void Note(const v1::AppendRequest& request, const grpc::Status& status);

  std::mt19937_64 random_;  // of the thread

  absl::Mutex mutex_;
  std::shared_ptr<v1::EventStoreService::Stub> stub_ ABSL_GUARDED_BY(mutex_);
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> stored_ ABSL_GUARDED_BY(mutex_);
  std::string error_ ABSL_GUARDED_BY(mutex_);

  std::thread thread_;  // last: it uses the rest
};

}  // namespace nexus::fault
