#pragma once

// The calls under way, so that all of them can be ended at once.
//
// Thread-safe. Must outlive every Call.

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/client_context.h"

namespace nexus::client {

class Calls {
 public:
  void CancelAll();
  bool cancelled() const;

  // Waits; false if the calls were cancelled before `duration` was over.
  [[nodiscard]] bool Wait(absl::Duration duration);

 private:
  friend class Call;

  void Enter(grpc::ClientContext* context);
  void Leave(grpc::ClientContext* context);

  mutable absl::Mutex mutex_;
  absl::flat_hash_set<grpc::ClientContext*> contexts_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

// One call: its context, with token and deadline, known to Calls while it lives.
class Call {
 public:
  Call(Calls& calls, const std::string& token, absl::Duration timeout);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  grpc::ClientContext* context() { return &context_; }

 private:
  Calls& calls_;
  grpc::ClientContext context_;
};

// As gRPC wants it, by its own monotonic clock.
gpr_timespec DeadlineAfter(absl::Duration timeout);

}  // namespace nexus::client
