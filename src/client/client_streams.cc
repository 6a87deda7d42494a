// Reads and subscriptions: the streaming part of the client.

#include <memory>
#include <optional>
#include <utility>

#include "client/convert.h"
#include "client/filter_convert.h"
#include "client/parts.h"
#include "client/status.h"
#include "nexus/client/client.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {
namespace {

void FillView(const SchemaView& view, v1::SchemaView& out) {
  out.set_version(view.version);
  out.set_latest(view.latest);
  out.mutable_versions()->insert(view.versions.begin(), view.versions.end());
}

class RemoteEventStream : public EventStream {
 public:
  RemoteEventStream(Calls& calls, const ClientOptions& options, v1::EventStoreService::Stub& events,
                    const v1::ReadRequest& request, absl::Duration timeout)
      : call_(calls, options.token, timeout), reader_(events.Read(call_.context(), request)) {}

  // gRPC wants every stream read to its end before it goes.
  ~RemoteEventStream() override {
    if (!end_.has_value()) {
      Cancel();
      reader_->Finish().IgnoreError();
    }
  }

  absl::StatusOr<std::optional<EventBatch>> Next() override {
    if (!end_.has_value()) {
      auto message = std::make_shared<v1::ReadResponse>();
      if (reader_->Read(message.get())) {
        if (message->has_checkpoint()) checkpoint_ = message->checkpoint();
        NEXUS_ASSIGN_OR_RETURN(EventBatch batch, ToBatch<v1::ReadResponse>(std::move(message)));
        return std::optional<EventBatch>(std::move(batch));
      }
      end_ = FromGrpc(reader_->Finish());
    }
    if (!end_->ok()) return *end_;
    return std::optional<EventBatch>();
  }

  std::optional<uint64_t> checkpoint() const override { return checkpoint_; }

  void Cancel() override { call_.context()->TryCancel(); }

 private:
  Call call_;
  const std::unique_ptr<grpc::ClientReader<v1::ReadResponse>> reader_;
  std::optional<uint64_t> checkpoint_;
  std::optional<absl::Status> end_;
};

class RemoteSubscription : public Subscription {
 public:
  RemoteSubscription(Calls& calls, const ClientOptions& options,
                     v1::EventStoreService::Stub& events, const v1::SubscribeRequest& request)
      : call_(calls, options.token, absl::InfiniteDuration()),
        bounded_(request.has_to() || request.has_to_time()),
        reader_(events.Subscribe(call_.context(), request)) {}

  ~RemoteSubscription() override {
    if (!end_.has_value()) {
      Cancel();
      reader_->Finish().IgnoreError();
    }
  }

  absl::StatusOr<SubscriptionMessage> Next() override {
    while (!end_.has_value()) {
      auto message = std::make_shared<v1::SubscribeResponse>();
      if (reader_->Read(message.get())) {
        std::optional<absl::StatusOr<SubscriptionMessage>> known = ToMessage(std::move(message));
        // A newer server may say what this client does not know; it loses nothing by that.
        if (!known.has_value()) continue;
        return *std::move(known);
      }
      end_ = FromGrpc(reader_->Finish());
      if (end_->ok() && !bounded_) {
        end_ = MakeError(ErrorReason::kNotReady, "the server ended the subscription");
      }
    }
    if (!end_->ok()) return *end_;
    SubscriptionMessage end;
    end.kind = SubscriptionMessage::Kind::kEnd;
    return end;
  }

  void Cancel() override { call_.context()->TryCancel(); }

 private:
  template <typename Note>
  static SubscriptionMessage Told(SubscriptionMessage::Kind kind, const Note& note) {
    SubscriptionMessage message;
    message.kind = kind;
    message.checkpoint = note.checkpoint();
    message.head = Position(note.head());
    return message;
  }

  static std::optional<absl::StatusOr<SubscriptionMessage>> ToMessage(
      std::shared_ptr<const v1::SubscribeResponse> response) {
    using Kind = SubscriptionMessage::Kind;
    switch (response->message_case()) {
      case v1::SubscribeResponse::kBatch: {
        SubscriptionMessage message = Told(Kind::kBatch, response->batch());
        absl::StatusOr<EventBatch> batch = ToBatch<v1::EventBatch>(
            std::shared_ptr<const v1::EventBatch>(response, &response->batch()));
        if (!batch.ok()) return absl::StatusOr<SubscriptionMessage>(batch.status());
        message.batch = *std::move(batch);
        return absl::StatusOr<SubscriptionMessage>(std::move(message));
      }
      case v1::SubscribeResponse::kCaughtUp:
        return Told(Kind::kCaughtUp, response->caught_up());
      case v1::SubscribeResponse::kFellBehind:
        return Told(Kind::kFellBehind, response->fell_behind());
      case v1::SubscribeResponse::kHeartbeat:
        return Told(Kind::kHeartbeat, response->heartbeat());
      case v1::SubscribeResponse::MESSAGE_NOT_SET:
        return std::nullopt;
    }
    return std::nullopt;
  }

  Call call_;
  const bool bounded_;
  const std::unique_ptr<grpc::ClientReader<v1::SubscribeResponse>> reader_;
  std::optional<absl::Status> end_;
};

// What reads and subscriptions have in common.
template <typename Options, typename Request>
void FillSelection(const Options& options, Request& request) {
  if (!options.filter.items.empty()) FillFilter(options.filter, *request.mutable_filter());
  if (options.to.has_value()) request.set_to(*options.to);
  if (options.to_time.has_value()) FillTimestamp(*options.to_time, *request.mutable_to_time());
}

}  // namespace

std::unique_ptr<EventStream> Client::Read(const ReadOptions& options) {
  v1::ReadRequest request;
  request.set_stream(options.stream);
  if (options.from.has_value()) request.set_from(*options.from);
  request.set_direction(options.direction == Direction::kBackward ? v1::READ_DIRECTION_BACKWARDS
                                                                  : v1::READ_DIRECTION_FORWARDS);
  request.set_limit(options.limit);
  request.set_min_position(options.min_position.value);
  request.set_exclude_system(options.exclude_system);
  if (!options.as_version.empty()) FillView(options.as_version, *request.mutable_as_version());
  FillSelection(options, request);
  if (options.from_time.has_value()) {
    FillTimestamp(*options.from_time, *request.mutable_from_time());
  }
  return std::make_unique<RemoteEventStream>(parts_->calls, parts_->options, *parts_->events,
                                             request, options.timeout);
}

std::unique_ptr<Subscription> Client::Subscribe(const SubscribeOptions& options) {
  v1::SubscribeRequest request;
  request.set_stream(options.stream);
  if (options.after.has_value()) {
    request.set_after(*options.after);
  } else if (options.from_time.has_value()) {
    FillTimestamp(*options.from_time, *request.mutable_from_time());
  } else if (options.from_end) {
    request.mutable_end();
  } else {
    request.mutable_beginning();
  }
  request.set_exclude_system(options.exclude_system);
  if (!options.as_version.empty()) FillView(options.as_version, *request.mutable_as_version());
  const int64_t nanos = absl::ToInt64Nanoseconds(options.heartbeat);
  request.mutable_heartbeat_interval()->set_seconds(nanos / 1'000'000'000);
  request.mutable_heartbeat_interval()->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
  request.set_batch_events_max(options.batch_events_max);
  FillSelection(options, request);
  return std::make_unique<RemoteSubscription>(parts_->calls, parts_->options, *parts_->events,
                                              request);
}

}  // namespace nexus::client
