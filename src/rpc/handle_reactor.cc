#include "rpc/handle_reactor.h"

#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "command/remote/worker_port.h"
#include "nexus/core/errors.h"
#include "nexus/v1/command.pb.h"
#include "rpc/fenced_call.h"
#include "rpc/handler_convert.h"
#include "rpc/request_bytes.h"
#include "rpc/transport/message_bytes.h"

namespace nexus::rpc {
namespace {

using command::RemoteDecider;
using command::TaskPage;
using command::WorkerId;

// Beside an event or a command, which the engine bounds, and a page of other events.
constexpr uint64_t kTaskBytes = 512 << 10;

// No step is started under the mutex, because that is a system call. The decider holds this as long
// as the worker is connected; it calls without its lock.
class HandleReactor : public FencedCall,
                      public command::WorkerPort,
                      public std::enable_shared_from_this<HandleReactor> {
 public:
  HandleReactor(ServerCall& call, const ServiceParts& parts, command::CommandRunner& runner)
      : FencedCall(call, parts.metrics),
        parts_(parts),
        runner_(runner),
        caller_(CallerOf(call, parts, absl::InfiniteDuration())) {}

  void Begin() {
    if (!caller_.ok()) {
      FinishOnce(caller_.status());
      return;
    }
    StartRead(&bytes_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      FinishOnce(id_.has_value() ? absl::OkStatus()
                                 : MakeError(ErrorReason::kMalformedRequest,
                                             "the first message must be hello"));
      if (id_.has_value()) runner_.remote().Leave(*id_);
      return;
    }
    absl::Status fault = ParseRequest(bytes_, request_);
    if (fault.ok()) fault = parts_.authenticator.Recheck(caller_->principal, caller_->access);
    if (fault.ok()) fault = Take();
    if (!fault.ok()) {
      FinishOnce(fault);
      return;
    }
    StartRead(&bytes_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      OnCancel();
      return;
    }
    WritePtr done;
    {
      absl::MutexLock lock(&mutex_);
      done = std::move(queue_.front());
      queue_.pop_front();
      writing_ = false;
    }
    WriteNext();
    if (done->sent) done->sent(true);
  }

  void OnDone() override {
    std::deque<WritePtr> unsent;
    {
      absl::MutexLock lock(&mutex_);
      closed_ = true;
      unsent.swap(queue_);
    }
    if (id_.has_value()) runner_.remote().Leave(*id_);
    for (const WritePtr& write : unsent) {
      if (write->sent) write->sent(false);
    }
  }

  // Of the port.
  void Send(TaskPage page, Sent sent) override {
    Queue(ToTask(std::move(page)), std::move(sent), /*heartbeat=*/false);
  }
  void End(const absl::Status& why) override {
    if (!why.ok()) {
      FinishOnce(why);
      return;
    }
    {
      absl::MutexLock lock(&mutex_);
      ending_well_ = true;
      if (!queue_.empty()) return;
    }
    FinishOnce(absl::OkStatus());
  }

 private:
  struct Write {
    grpc::ByteBuffer bytes;
    Sent sent;  // null: nobody asks
    bool heartbeat = false;
  };
  using WritePtr = std::unique_ptr<Write>;

  absl::Status Take() {
    if (request_.has_hello() != !id_.has_value()) {
      return MakeError(ErrorReason::kMalformedRequest,
                       "the first message must be hello, and no other");
    }
    switch (request_.message_case()) {
      case v1::HandleRequest::kHello:
        return Join();
      case v1::HandleRequest::kAnswer: {
        absl::StatusOr<command::WorkerAnswer> answer =
            ToAnswer(std::move(*request_.mutable_answer()));
        if (!answer.ok()) return answer.status();
        runner_.remote().Answered(*id_, *std::move(answer));
        return absl::OkStatus();
      }
      case v1::HandleRequest::kHeartbeat: {
        runner_.remote().Alive(*id_);
        v1::HandleResponse response;
        response.mutable_heartbeat();
        Queue(response, nullptr, /*heartbeat=*/true);
        return absl::OkStatus();
      }
      case v1::HandleRequest::kDrain:
        runner_.remote().Drain(*id_);
        return absl::OkStatus();
      case v1::HandleRequest::MESSAGE_NOT_SET:
        break;
    }
    return MakeError(ErrorReason::kMalformedRequest, "the message is none that the server knows");
  }

  absl::Status Join() {
    absl::StatusOr<command::WorkerWelcome> welcome =
        runner_.Join(ToProfile(std::move(*request_.mutable_hello())), *caller_, shared_from_this());
    if (!welcome.ok()) return welcome.status();
    id_ = welcome->id;
    const uint64_t bytes_max = 2 * parts_.engine.limits().event_bytes_max + kTaskBytes;
    Queue(ToWelcome(*welcome, runner_.remote().options(), bytes_max), nullptr,
          /*heartbeat=*/false);
    runner_.remote().Serve(*id_);
    return absl::OkStatus();
  }

  void Queue(const v1::HandleResponse& response, Sent sent, bool heartbeat) {
    auto write = std::make_unique<Write>(Write{ToBytes(response), std::move(sent), heartbeat});
    {
      absl::MutexLock lock(&mutex_);
      if (closed_) return;
      // Who sends heartbeats and does not read their answers makes no queue.
      if (heartbeat && !queue_.empty() && queue_.back()->heartbeat) return;
      queue_.push_back(std::move(write));
    }
    WriteNext();
  }

  void WriteNext() {
    Write* next = nullptr;
    bool finish = false;
    {
      absl::MutexLock lock(&mutex_);
      if (!writing_ && !queue_.empty()) {
        writing_ = true;
        next = queue_.front().get();
      }
      finish = ending_well_ && queue_.empty();
    }
    if (next != nullptr) StartWrite(next->bytes);
    if (finish) FinishOnce(absl::OkStatus());
  }

  const ServiceParts parts_;
  command::CommandRunner& runner_;
  const absl::StatusOr<engine::Caller> caller_;
  // One read at a time; these are of its thread.
  grpc::ByteBuffer bytes_;
  v1::HandleRequest request_;
  std::optional<WorkerId> id_;

  absl::Mutex mutex_;
  std::deque<WritePtr> queue_ ABSL_GUARDED_BY(mutex_);  // the first one is being written
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ending_well_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

void BeginHandle(ServerCall& call, const ServiceParts& parts, command::CommandRunner& runner) {
  auto reactor = std::make_shared<HandleReactor>(call, parts, runner);
  call.Attach(reactor);
  reactor->Begin();
}

}  // namespace nexus::rpc
