#pragma once

// A completion queue, the thread that polls it, and the calls on it.
//
// One thread a queue: threads that share one take turns in polling it and wake each other for that.

#include <memory>
#include <thread>

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
  // After the server was shut down: waits until the last call and the thread have ended.
  void Stop();

  grpc::ServerCompletionQueue& completions() { return *completions_; }
  grpc::AsyncGenericService& service() { return service_; }
  const MethodTable& methods() const { return methods_; }

  // Of calls, those that are still waited for included; by ServerCall, on the polling thread (or
  // before there is one). While the server runs some are always waited for, so the last one ends
  // when it has shut down: then nothing can come any more.
  void Began() { ++calls_; }
  void Ended();

 private:
  void Poll();

  const std::unique_ptr<grpc::ServerCompletionQueue> completions_;
  grpc::AsyncGenericService& service_;
  const MethodTable& methods_;
  std::thread thread_;
  bool started_ = false;
  int calls_ = 0;
};

}  // namespace nexus::rpc
