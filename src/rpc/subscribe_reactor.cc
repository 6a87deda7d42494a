#include "rpc/subscribe_reactor.h"

#include <array>
#include <memory>
#include <utility>

#include "nexus/core/errors.h"
#include "nexus/v1/event_store.pb.h"
#include "rpc/convert.h"
#include "rpc/event_wire.h"
#include "rpc/fenced_call.h"
#include "rpc/filter_convert.h"
#include "rpc/request_bytes.h"
#include "rpc/view_convert.h"

namespace nexus::rpc {
namespace {

using subscription::Message;
using subscription::SubscribeOptions;

SubscribeOptions ToOptions(const v1::SubscribeRequest& request) {
  SubscribeOptions options;
  options.stream = request.stream();
  options.exclude_system = request.exclude_system();
  options.batch_events_max = request.batch_events_max();
  switch (request.start_case()) {
    case v1::SubscribeRequest::kEnd:
      options.start = SubscribeOptions::Start::kEnd;
      break;
    case v1::SubscribeRequest::kAfter:
      options.start = SubscribeOptions::Start::kAfter;
      options.after = request.after();
      break;
    case v1::SubscribeRequest::kFromTime:
      options.start = SubscribeOptions::Start::kTime;
      options.from_time = ToTimestamp(request.from_time());
      break;
    default:
      options.start = SubscribeOptions::Start::kBeginning;
  }
  options.filter = ToFilter(request.filter());
  if (request.has_to()) options.to = request.to();
  if (request.has_to_time()) options.to_time = ToTimestamp(request.to_time());
  if (request.has_heartbeat_interval()) {
    options.heartbeat_interval = absl::Seconds(request.heartbeat_interval().seconds()) +
                                 absl::Nanoseconds(request.heartbeat_interval().nanos());
  }
  return options;
}

// CaughtUp, FellBehind and Heartbeat have the same fields.
template <typename Mark>
void FillMark(const Message& message, Mark& mark) {
  if (message.checkpoint.has_value()) mark.set_checkpoint(*message.checkpoint);
  mark.set_head(message.head.value);
  FillTimestamp(message.time, *mark.mutable_time());
}

grpc::ByteBuffer EncodeMark(const Message& message) {
  v1::SubscribeResponse response;
  switch (message.kind) {
    case Message::Kind::kCaughtUp:
      FillMark(message, *response.mutable_caught_up());
      break;
    case Message::Kind::kFellBehind:
      FillMark(message, *response.mutable_fell_behind());
      break;
    default:
      FillMark(message, *response.mutable_heartbeat());
  }
  const grpc::Slice bytes(response.SerializeAsString());
  return grpc::ByteBuffer(&bytes, 1);
}

grpc::Slice EncodeEvents(const Message& message, EncodedPages& pages) {
  // Whoever leaves something out of a page has bytes of his own.
  if (message.shared && message.events.size() == message.batch->events.size()) {
    return pages.BytesOf(message.batch);
  }
  EventWire events;
  for (const RecordedEvent* event : message.events) events.Add(*event);
  return events.ToSlice();
}

// The page is shared with others who see it as it was stored, so this one is a copy.
grpc::Slice EncodeEvolved(const Message& message, const schema::SchemaView& view,
                          const schema::SchemaEvolution& evolution) {
  EventBatch own;
  for (const RecordedEvent* event : message.events) own.events.push_back(*event);
  evolution.Apply(view, own).IgnoreError();  // each event says it itself
  EventWire events;
  for (const RecordedEvent& event : own.events) events.Add(event);
  return events.ToSlice();
}

grpc::ByteBuffer FramedBatch(const Message& message, const grpc::Slice& events) {
  const SubscribeFrame frame = FrameOf(events.size(), message.checkpoint, message.head);
  const std::array slices = {frame.before, events, frame.after};
  return grpc::ByteBuffer(slices.data(), slices.size());
}

// One thing happens at a time: opening, waiting for the next message, or writing one. Only the end
// may come from two sides, hence the fence.
class SubscribeReactor : public FencedCall, public std::enable_shared_from_this<SubscribeReactor> {
 public:
  SubscribeReactor(ServerCall& call, const ServiceParts& parts, std::shared_ptr<EncodedPages> pages)
      : FencedCall(call, parts.metrics),
        parts_(parts),
        pages_(std::move(pages)),
        caller_(CallerOf(call, parts, absl::InfiniteDuration())),
        bulk_(parts.engine.ledger(), parts.bulk_read_events) {}
  ~SubscribeReactor() override { bulk_.End(); }

  void Begin(const grpc::ByteBuffer& bytes) {
    v1::SubscribeRequest request;
    absl::Status fault = caller_.ok() ? ParseRequest(bytes, request) : caller_.status();
    if (fault.ok()) fault = ReadView(request.as_version(), view_);
    if (!fault.ok()) {
      FinishOnce(fault);
      return;
    }
    bulk_.Begin("subscribe", request.stream(), *caller_);
    parts_.engine.Subscribe(
        ToOptions(request), *caller_,
        [self = shared_from_this()](
            absl::StatusOr<std::unique_ptr<subscription::Subscription>> opened) {
          if (!opened.ok()) {
            self->FinishOnce(opened.status());
            return;
          }
          self->subscription_ = *std::move(opened);
          self->Pull();
        });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      OnCancel();
      return;
    }
    Pull();
  }

  // What waits for the log lets go of its share on a
  // worker: stopping a subscription waits for its reads.
  void OnDone() override {
    const std::shared_ptr<SubscribeReactor> self = shared_from_this();
    const bool accepted = parts_.engine.workers().TrySubmit([self] { self->Close(); });
    if (!accepted) Close();
  }

 private:
  void Pull() {
    if (ending()) return;
    subscription_->Next([self = shared_from_this()](absl::StatusOr<Message> message) {
      self->Deliver(std::move(message));
    });
  }

  void Deliver(absl::StatusOr<Message> message) {
    if (message.ok()) message = Rechecked(*std::move(message));
    if (!message.ok()) {
      FinishOnce(message.status());
      return;
    }
    if (message->kind == Message::Kind::kEnd) {
      FinishOnce(absl::OkStatus());
      return;
    }
    bulk_.Count(message->events.size());
    const grpc::ByteBuffer response =
        message->kind == Message::Kind::kBatch ? EncodeBatch(*message) : EncodeMark(*message);
    StartWrite(response);
  }

  // A subscription may outlive the token and the rights that it began with.
  absl::StatusOr<Message> Rechecked(Message message) {
    const absl::Status still = parts_.authenticator.Recheck(caller_->principal, caller_->access);
    if (!still.ok()) return still;
    return message;
  }

  grpc::ByteBuffer EncodeBatch(const Message& message) {
    return FramedBatch(message, view_.empty()
                                    ? EncodeEvents(message, *pages_)
                                    : EncodeEvolved(message, view_, parts_.engine.evolution()));
  }

  void Close() {
    if (subscription_ != nullptr) subscription_->Cancel();
  }

  const ServiceParts parts_;
  // Shared by all subscriptions; the last of them may outlive the service.
  const std::shared_ptr<EncodedPages> pages_;
  const absl::StatusOr<engine::Caller> caller_;
  BulkReadWatch bulk_;  // one message at a time
  schema::SchemaView view_;
  std::unique_ptr<subscription::Subscription> subscription_;
};

}  // namespace

void BeginSubscribe(ServerCall& call, const ServiceParts& parts, const grpc::ByteBuffer& request,
                    std::shared_ptr<EncodedPages> pages) {
  auto reactor = std::make_shared<SubscribeReactor>(call, parts, std::move(pages));
  call.Attach(reactor);
  reactor->Begin(request);
}

}  // namespace nexus::rpc
