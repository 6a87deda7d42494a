#pragma once

// A completion queue, the thread that polls it, and the calls on it.
//
// One thread a queue: threads that share one take turns in polling it and wake each other for that.

#include <memory>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/async_generic_service.h"
#include "rpc/transport/method_table.h"

namespace nexus::rpc {

class CallQueue {
 public:
  // `service` and `methods` must outlive it.
  CallQueue(std::unique_ptr<grpc::ServerCompletionQueue> completions,
            grpc::AsyncGenericService& service, const MethodTable& methods)
      : completions_(std::move(completions)), service_(service), methods_(methods) {}
  CallQueue(const CallQueue&) = delete;
  CallQueue& operator=(const CallQueue&) = delete;
  ~CallQueue();

  // After the server has started; at most once.
  void Start();
  // After the server was shut down: waits until the last call has ended, then for the thread.
  void Stop();

  grpc::ServerCompletionQueue& completions() { return *completions_; }
  grpc::AsyncGenericService& service() { return service_; }
  const MethodTable& methods() const { return methods_; }

  // Calls, those that are still waited for included. For ServerCall.
  void Began();
  void Ended();

 private:
  void Poll();

  const std::unique_ptr<grpc::ServerCompletionQueue> completions_;
  grpc::AsyncGenericService& service_;
  const MethodTable& methods_;
  std::thread thread_;
  bool stopped_ = false;

  absl::Mutex mutex_;
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace nexus::rpc
