#pragma once

// A TCP proxy on this machine that stands between a client and a server and does what networks do:
// connections are reset, bytes vanish in one direction or in both, nobody can connect.
//
// Thread-safe. One thread of its own.

#include <list>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace nexus::harness {

class FaultProxy {
 public:
  // To 127.0.0.1:`target_port`.
  explicit FaultProxy(int target_port);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  // Stays the same.
  int port() const { return port_; }

  // Ends all connections, towards both sides, with a reset.
  void ResetAll();
  // What the server says is held back from now on, or let go again: acknowledgements that are late,
  // or lost if a reset follows.
  void HoldAnswers(bool hold);
  // Nothing passes in either direction and no connection ends, or all passes again.
  void Blackhole(bool on);
  // Of the connections of now the server's side ends and the client is told nothing, as if the
  // server's machine had lost its power: what the client says goes nowhere. New ones are well.
  void HalfOpen();
  // New connections are reset at once, or passed on again.
  void Refuse(bool on);

  // Bytes from clients that were passed on, and connections that were accepted so far.
  size_t bytes_passed();
  int connections();

 private:
  struct Pair {
    int client = -1;
    int server = -1;
    bool over = false;
    bool half = false;  // there is no server any more
  };

  void Work();
  void Accept() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // False: the connection is over.
  bool Pass(int from, int to, bool upstream) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Swallow(Pair& pair) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Reset(Pair& pair) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Wake();

  const int target_port_;
  int port_ = 0;
  int listener_ = -1;
  int wake_ = -1;

  absl::Mutex mutex_;
  std::list<Pair> pairs_ ABSL_GUARDED_BY(mutex_);
  bool hold_answers_ ABSL_GUARDED_BY(mutex_) = false;
  bool blackhole_ ABSL_GUARDED_BY(mutex_) = false;
  bool refuse_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  size_t bytes_passed_ ABSL_GUARDED_BY(mutex_) = 0;
  int connections_ ABSL_GUARDED_BY(mutex_) = 0;

  std::thread thread_;
};

}  // namespace nexus::harness
