#pragma once

// nexus.v1.EventStoreService over the engine.

#include <memory>

#include "nexus/v1/event_store.grpc.pb.h"
#include "rpc/call_context.h"
#include "rpc/encoded_pages.h"

namespace nexus::rpc {

using Generated = v1::EventStoreService;

// Read and Subscribe answer with bytes (rpc/event_wire.h), the others with messages.
using EventStoreMethods = Generated::WithCallbackMethod_Append<
    Generated::WithCallbackMethod_AppendStream<Generated::WithRawCallbackMethod_Read<
        Generated::WithRawCallbackMethod_Subscribe<Generated::WithCallbackMethod_GetStream<
            Generated::WithCallbackMethod_ListStreams<Generated::Service>>>>>>;

class EventStoreService final : public EventStoreMethods {
 public:
  explicit EventStoreService(const ServiceParts& parts) : parts_(parts) {}

  grpc::ServerUnaryReactor* Append(grpc::CallbackServerContext* context,
                                   const v1::AppendRequest* request,
                                   v1::AppendResponse* response) override;
  grpc::ServerBidiReactor<v1::AppendStreamRequest, v1::AppendStreamResponse>* AppendStream(
      grpc::CallbackServerContext* context) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Read(grpc::CallbackServerContext* context,
                                                   const grpc::ByteBuffer* request) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Subscribe(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* GetStream(grpc::CallbackServerContext* context,
                                      const v1::GetStreamRequest* request,
                                      v1::Stream* response) override;
  grpc::ServerUnaryReactor* ListStreams(grpc::CallbackServerContext* context,
                                        const v1::ListStreamsRequest* request,
                                        v1::ListStreamsResponse* response) override;

 private:
  const ServiceParts parts_;
  const std::shared_ptr<EncodedPages> pages_ = std::make_shared<EncodedPages>();
};

}  // namespace nexus::rpc
