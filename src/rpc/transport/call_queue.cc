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
  if (started_) return;
  // gRPC wants to see it empty all the same.
  completions_->Shutdown();
  Poll();
}

void CallQueue::Start() {
  started_ = true;
  for (int i = 0; i < kCallsAwaited; ++i) new ServerCall(*this);
  thread_ = std::thread([this] { Poll(); });
  pthread_setname_np(thread_.native_handle(), "grpc");
}

void CallQueue::Stop() { thread_.join(); }

void CallQueue::Poll() {
  void* tag = nullptr;
  bool ok = false;
  while (completions_->Next(&tag, &ok)) static_cast<QueueTag*>(tag)->Complete(ok);
}

void CallQueue::Ended() {
  if (--calls_ == 0) completions_->Shutdown();
}

}  // namespace nexus::rpc
