#include "rpc/transport/call_queue.h"

#include <pthread.h>

#include "rpc/transport/queue_tag.h"
#include "rpc/transport/server_call.h"

namespace nexus::rpc {
namespace {

// That many calls can come before the thread looks; gRPC holds more back until it does.
constexpr int kCallsAwaited = 128;

}  // namespace

CallQueue::~CallQueue() {
  if (thread_.joinable()) Stop();
  if (stopped_) return;
  // Never started: gRPC wants to see it empty all the same.
  completions_->Shutdown();
  Poll();
}

void CallQueue::Start() {
  for (int i = 0; i < kCallsAwaited; ++i) new ServerCall(*this);
  thread_ = std::thread([this] { Poll(); });
  pthread_setname_np(thread_.native_handle(), "grpc");
}

void CallQueue::Poll() {
  void* tag = nullptr;
  bool ok = false;
  while (completions_->Next(&tag, &ok)) static_cast<QueueTag*>(tag)->Complete(ok);
}

void CallQueue::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return calls_ == 0; };
    mutex_.Await(absl::Condition(&idle));
  }
  completions_->Shutdown();
  thread_.join();
  stopped_ = true;
}

void CallQueue::Began() {
  absl::MutexLock lock(&mutex_);
  ++calls_;
}

void CallQueue::Ended() {
  absl::MutexLock lock(&mutex_);
  --calls_;
}

}  // namespace nexus::rpc
