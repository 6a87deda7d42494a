#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "grpcpp/channel.h"
#include "nexus/v1/command.grpc.pb.h"

namespace nexus::integration {

// A worker on a thread of its own, over the real wire. It keeps of each stream how many events it
// has, and has `decide` make the answer of that.
class RemoteWorker {
 public:
  // Gives false to leave the task without an answer.
  using Decide = std::function<bool(const v1::Task& task, uint64_t events, v1::TaskAnswer& answer)>;

  RemoteWorker(const std::shared_ptr<grpc::Channel>& channel, std::vector<std::string> aggregates,
               Decide decide, uint32_t tasks_max = 16)
      : stub_(v1::CommandService::NewStub(channel)),
        decide_(std::move(decide)),
        stream_(stub_->Handle(&context_)) {
    v1::HandleRequest hello;
    for (std::string& name : aggregates) hello.mutable_hello()->add_aggregates(std::move(name));
    hello.mutable_hello()->set_tasks_max(tasks_max);
    hello.mutable_hello()->set_worker("test");
    Send(hello);
    thread_ = std::thread([this] { Run(); });
  }
  ~RemoteWorker() {
    Kill();
    thread_.join();
  }

  void Send(const v1::HandleRequest& request) {
    absl::MutexLock lock(&mutex_);
    stream_->Write(request);
  }
  // As if its process had died.
  void Kill() { context_.TryCancel(); }
  void HalfClose() {
    absl::MutexLock lock(&mutex_);
    stream_->WritesDone();
  }

  bool AwaitWelcome() { return welcomed_.WaitForNotificationWithTimeout(absl::Seconds(60)); }
  const v1::HandlerWelcome& welcome() const { return welcome_; }
  // How the call ended.
  grpc::Status AwaitEnd() {
    ended_.WaitForNotificationWithTimeout(absl::Seconds(60));
    return ended_.HasBeenNotified() ? status_ : grpc::Status(grpc::StatusCode::UNKNOWN, "goes on");
  }
  int tasks() const { return tasks_; }
  int heartbeats() const { return heartbeats_; }
  int with_state() const { return with_state_; }

 private:
  struct Pending {
    v1::Task task;
    uint64_t events = 0;
  };

  void Run() {
    v1::HandleResponse response;
    while (stream_->Read(&response)) Take(response);
    status_ = stream_->Finish();
    ended_.Notify();
  }
  void Take(const v1::HandleResponse& response) {
    if (response.has_welcome()) {
      welcome_ = response.welcome();
      welcomed_.Notify();
    } else if (response.has_heartbeat()) {
      ++heartbeats_;
    } else if (response.has_task()) {
      ++tasks_;
      const v1::Task& task = response.task();
      Pending& pending = pending_[task.task_id()];
      pending.task = task;
      if (task.has_state_revision()) {
        ++with_state_;
        pending.events = states_[task.stream()];
      }
      Continue(task.task_id(), task.events_size(), task.more_events());
    } else if (response.has_task_events()) {
      const v1::TaskEvents& more = response.task_events();
      Continue(more.task_id(), more.events_size(), more.more_events());
    }
  }
  void Continue(const std::string& id, int events, bool more) {
    Pending& pending = pending_[id];
    pending.events += static_cast<uint64_t>(events);
    if (more) return;
    const Pending ready = std::move(pending);
    pending_.erase(id);
    states_[ready.task.stream()] = ready.events;
    v1::HandleRequest request;
    request.mutable_answer()->set_task_id(id);
    request.mutable_answer()->set_keeps_state(true);
    if (decide_(ready.task, ready.events, *request.mutable_answer())) Send(request);
  }

  grpc::ClientContext context_;
  const std::unique_ptr<v1::CommandService::Stub> stub_;
  const Decide decide_;
  absl::Mutex mutex_;
  const std::unique_ptr<grpc::ClientReaderWriter<v1::HandleRequest, v1::HandleResponse>> stream_;
  // Of the thread.
  std::map<std::string, Pending> pending_;
  std::map<std::string, uint64_t> states_;
  v1::HandlerWelcome welcome_;
  grpc::Status status_;
  absl::Notification welcomed_;
  absl::Notification ended_;
  std::atomic<int> tasks_{0};
  std::atomic<int> heartbeats_{0};
  std::atomic<int> with_state_{0};
  std::thread thread_;
};

}  // namespace nexus::integration
