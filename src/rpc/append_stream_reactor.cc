#include "rpc/append_stream_reactor.h"

#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "rpc/convert.h"
#include "rpc/fenced_call.h"
#include "rpc/status.h"

namespace nexus::rpc {
namespace {

constexpr size_t kUnansweredMax = 256;

using AppendStreamBidi = grpc::ServerBidiReactor<v1::AppendStreamRequest, v1::AppendStreamResponse>;

// gRPC may run a reaction inside the Start call that caused it, so no Start call is made under the
// mutex: each step decides under it what to do, and does it after.
class AppendStreamReactor : public FencedCall<AppendStreamBidi> {
 public:
  AppendStreamReactor(grpc::CallbackServerContext* context, const ServiceParts& parts)
      : FencedCall(parts.metrics, "nexus.v1.EventStoreService/AppendStream"),
        parts_(parts),
        caller_(CallerOf(*context, parts, absl::InfiniteDuration())) {}

  void Begin(std::shared_ptr<AppendStreamReactor> self) {
    self_ = std::move(self);
    if (!caller_.ok()) {
      FinishOnce(caller_.status());
      return;
    }
    Start([this] { StartRead(&request_); });
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Step([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { reading_ended_ = true; });
      return;
    }
    auto slot = std::make_shared<Slot>();
    bool pause = false;
    {
      absl::MutexLock lock(&mutex_);
      slots_.push_back(slot);
      pause = read_wanted_ = slots_.size() >= kUnansweredMax;
    }
    // The answer may end the call, and with it this object, before Append() returns.
    const std::shared_ptr<AppendStreamReactor> self = self_;
    parts_.engine.Append(ToDraft(std::move(*request_.mutable_append())),
                         CallerOfCommit(*caller_, parts_.engine.clock()), order_,
                         [self, slot](absl::StatusOr<CommitReceipt> receipt) {
                           self->Answered(*slot, std::move(receipt));
                         });
    if (!pause) Start([this] { StartRead(&request_); });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      FinishOnce(absl::CancelledError("the client has gone"));
      return;
    }
    bool read = false;
    Step([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      writing_ = false;
      slots_.pop_front();
      read = std::exchange(read_wanted_, false);
    });
    if (read) Start([this] { StartRead(&request_); });
  }

  void OnCancel() override { FinishOnce(absl::CancelledError("the client has gone")); }

  void OnDone() override { self_.reset(); }

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
    bool write = false;
    bool finish = false;
    grpc::WriteOptions how;
    {
      absl::MutexLock lock(&mutex_);
      change();
      if (!writing_ && !slots_.empty() && slots_.front()->answer.has_value()) {
        Fill(*slots_.front()->answer);
        writing_ = write = true;
        // Another one follows at once: gRPC may send them together.
        if (slots_.size() > 1 && slots_[1]->answer.has_value()) how.set_buffer_hint();
      }
      finish = reading_ended_ && slots_.empty();
    }
    if (write) Start([this, how] { StartWrite(&response_, how); });
    if (finish) FinishOnce(absl::OkStatus());
  }

  void Fill(const absl::StatusOr<CommitReceipt>& answer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    response_.Clear();
    if (answer.ok()) {
      FillReceipt(*answer, *response_.mutable_receipt());
    } else {
      FillAppendError(answer.status(), *response_.mutable_error());
    }
  }

  const ServiceParts parts_;
  const absl::StatusOr<engine::Caller> caller_;
  // gRPC's share of this object, let go in OnDone; commits under way hold theirs.
  std::shared_ptr<AppendStreamReactor> self_;
  // Commits are decided side by side, but proposed in the order of their arrival.
  const std::shared_ptr<engine::AppendOrder> order_ = std::make_shared<engine::AppendOrder>();
  v1::AppendStreamRequest request_;    // one read at a time
  v1::AppendStreamResponse response_;  // one write at a time

  absl::Mutex mutex_;
  std::deque<std::shared_ptr<Slot>> slots_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool read_wanted_ ABSL_GUARDED_BY(mutex_) = false;  // paused at the bound
  bool reading_ended_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

AppendStreamBidi* NewAppendStreamReactor(grpc::CallbackServerContext* context,
                                         const ServiceParts& parts) {
  auto reactor = std::make_shared<AppendStreamReactor>(context, parts);
  AppendStreamReactor* raw = reactor.get();
  raw->Begin(std::move(reactor));
  return raw;
}

}  // namespace nexus::rpc
