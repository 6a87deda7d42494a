// Commands: the client's part.

#include <memory>
#include <optional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "client/parts.h"
#include "client/repeat_safely.h"
#include "client/status.h"
#include "nexus/client/command.h"
#include "nexus/core/ids.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {
namespace {

class RemoteHandlerSession : public HandlerSession {
 public:
  RemoteHandlerSession(Calls& calls, const ClientOptions& options,
                       v1::CommandService::Stub& commands, const v1::HandlerHello& hello)
      : call_(calls, options.token, absl::InfiniteDuration()),
        stream_(commands.Handle(call_.context())) {
    v1::HandleRequest first;
    *first.mutable_hello() = hello;
    Send(first);
  }
  // gRPC wants every stream read to its end before it goes.
  ~RemoteHandlerSession() override {
    if (end_.has_value()) return;
    Cancel();
    stream_->Finish().IgnoreError();
  }

  absl::StatusOr<std::optional<v1::HandleResponse>> Next() override {
    if (!end_.has_value()) {
      v1::HandleResponse response;
      if (stream_->Read(&response)) {
        return std::optional<v1::HandleResponse>(std::move(response));
      }
      end_ = FromGrpc(stream_->Finish());
    }
    if (!end_->ok()) return *end_;
    return std::optional<v1::HandleResponse>();
  }

  bool Send(const v1::HandleRequest& request) override {
    absl::MutexLock lock(&send_mutex_);
    return stream_->Write(request);
  }

  void Drain() override {
    v1::HandleRequest request;
    request.mutable_drain();
    Send(request);
  }

  void Cancel() override { call_.context()->TryCancel(); }

 private:
  Call call_;
  const std::unique_ptr<grpc::ClientReaderWriter<v1::HandleRequest, v1::HandleResponse>> stream_;
  std::optional<absl::Status> end_;

  absl::Mutex send_mutex_;  // one write at a time
};

}  // namespace

std::unique_ptr<HandlerSession> CommandClient::Handle(const v1::HandlerHello& hello) {
  Client::Parts& parts = *client_.parts_;
  return std::make_unique<RemoteHandlerSession>(parts.calls, parts.options, *parts.commands, hello);
}

absl::StatusOr<v1::ExecuteResponse> CommandClient::Execute(v1::ExecuteRequest request) {
  Client::Parts& parts = *client_.parts_;
  if (request.command().command_id().empty()) {
    request.mutable_command()->set_command_id(FormatUuid(parts.ids.NewUuid()));
  }
  v1::ExecuteResponse response;
  NEXUS_RETURN_IF_ERROR(RepeatSafely(parts, [&](grpc::ClientContext* context) {
    response.Clear();
    return parts.commands->Execute(context, request, &response);
  }));
  return response;
}

}  // namespace nexus::client
