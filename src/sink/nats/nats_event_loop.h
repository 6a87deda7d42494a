#pragma once

// Reads and writes the socket of one connection, on a thread of its own, in the library's place.
// The library writes each message as it comes or after a millisecond; here those who publish say
// when what they have published goes out, and many messages are one write.
//
// Thread-safe. The connection must be closed before this goes, and destroyed after.

#include <atomic>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

// Of the library.
struct __natsConnection;
struct __natsOptions;

namespace nexus::sink {

class NatsEventLoop {
 public:
  // kUnavailable: no descriptor is left.
  static absl::StatusOr<std::unique_ptr<NatsEventLoop>> Create();
  ~NatsEventLoop();
  NatsEventLoop(const NatsEventLoop&) = delete;
  NatsEventLoop& operator=(const NatsEventLoop&) = delete;

  // The connection that is made with these options is the one.
  void Serve(__natsOptions* options);

  // From now on what this thread publishes waits for its Flush(), until UncorkThisThread() or the
  // thread's end, which must come before that of the loop. A thread has one such loop.
  void CorkThisThread();
  static void UncorkThisThread();
  // Writes what waits, whoever published it, as far as the socket takes it; the rest follows.
  void Flush() ABSL_LOCKS_EXCLUDED(flushing_);

 private:
  explicit NatsEventLoop(int wake) : wake_(wake) {}

  void Attach(__natsConnection* connection, int socket);
  void Work();
  void Wake() const;
  // The library has something to write, or nothing more.
  void WantWrite(bool wanted);

  const int wake_;
  __natsConnection* connection_ = nullptr;  // set before the thread starts
  std::atomic<int> socket_{-1};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> writable_wanted_{false};
  std::atomic<bool> thread_writes_{false};  // nobody else will
  // Held while writing: the library takes a write of nothing for the end of the connection.
  absl::Mutex flushing_;
  std::thread thread_;
};

}  // namespace nexus::sink
