#include "rpc/append_stream_reactor.h"

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "rpc/convert.h"
#include "rpc/fenced_call.h"
#include "rpc/request_bytes.h"
#include "rpc/status.h"
#include "rpc/transport/message_bytes.h"

namespace nexus::rpc {
namespace {

constexpr size_t kUnansweredMax = 256;

// No step is started under the mutex, because that is a system call: each change decides under it
// what to do, and does it after.
class AppendStreamReactor : public FencedCall,
                            public std::enable_shared_from_this<AppendStreamReactor> {
 public:
  AppendStreamReactor(ServerCall& call, const ServiceParts& parts)
      : FencedCall(call, parts.metrics),
        parts_(parts),
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
      Step([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { reading_ended_ = true; });
      return;
    }
    absl::Status fault = ParseRequest(bytes_, request_);
    if (fault.ok()) fault = parts_.authenticator.Recheck(caller_->principal, caller_->access);
    if (!fault.ok()) {
      FinishOnce(fault);
      return;
    }
    auto slot = std::make_shared<Slot>();
    bool pause = false;
    {
      absl::MutexLock lock(&mutex_);
      slots_.push_back(slot);
      pause = read_wanted_ = slots_.size() >= kUnansweredMax;
    }
    const std::shared_ptr<AppendStreamReactor> self = shared_from_this();
    engine::Caller caller = CallerOfCommit(*caller_, parts_.engine.clock());
    caller.gone = {self, &gone_};
    parts_.engine.Append(ToDraft(std::move(*request_.mutable_append())), std::move(caller), order_,
                         [self, slot](absl::StatusOr<CommitReceipt> receipt) {
                           self->Answered(*slot, std::move(receipt));
                         });
    if (!pause) StartRead(&bytes_);
  }

  void OnCancel() override {
    gone_.store(true, std::memory_order_relaxed);
    FencedCall::OnCancel();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      OnCancel();
      return;
    }
    bool read = false;
    Step([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      writing_ = false;
      slots_.pop_front();
      read = std::exchange(read_wanted_, false);
    });
    if (read) StartRead(&bytes_);
  }

 private:
  struct Slot {
    std::optional<absl::StatusOr<CommitReceipt>> answer;
  };

  void Answered(Slot& slot, absl::StatusOr<CommitReceipt> receipt) {
    Step([&] { slot.answer = std::move(receipt); });
  }

  // Changes the state, then writes the next answer or ends the call if that is due.
  template <typename Change>
  void Step(Change change) {
    grpc::ByteBuffer response;
    bool finish = false;
    grpc::WriteOptions how;
    {
      absl::MutexLock lock(&mutex_);
      change();
      if (!writing_ && !slots_.empty() && slots_.front()->answer.has_value()) {
        response = Encode(*slots_.front()->answer);
        writing_ = true;
        // Another one follows at once: gRPC may send them together.
        if (slots_.size() > 1 && slots_[1]->answer.has_value()) how.set_buffer_hint();
      }
      finish = reading_ended_ && slots_.empty();
    }
    if (response.Valid()) StartWrite(response, how);
    if (finish) FinishOnce(absl::OkStatus());
  }

  grpc::ByteBuffer Encode(const absl::StatusOr<CommitReceipt>& answer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    response_.Clear();
    if (answer.ok()) {
      FillReceipt(*answer, *response_.mutable_receipt());
    } else {
      FillAppendError(answer.status(), *response_.mutable_error());
    }
    return ToBytes(response_);
  }

  const ServiceParts parts_;
  const absl::StatusOr<engine::Caller> caller_;
  // Commits are decided side by side, but proposed in the order of their arrival.
  const std::shared_ptr<engine::AppendOrder> order_ = std::make_shared<engine::AppendOrder>();
  grpc::ByteBuffer bytes_;           // one read at a time
  v1::AppendStreamRequest request_;  // of the last read

  std::atomic<bool> gone_{false};  // the client

  absl::Mutex mutex_;
  v1::AppendStreamResponse response_ ABSL_GUARDED_BY(mutex_);  // keeps its memory
  std::deque<std::shared_ptr<Slot>> slots_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool read_wanted_ ABSL_GUARDED_BY(mutex_) = false;  // paused at the bound
  bool reading_ended_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

void BeginAppendStream(ServerCall& call, const ServiceParts& parts) {
  auto reactor = std::make_shared<AppendStreamReactor>(call, parts);
  call.Attach(reactor);
  reactor->Begin();
}

}  // namespace nexus::rpc
