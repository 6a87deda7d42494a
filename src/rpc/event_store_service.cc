#include "rpc/event_store_service.h"

#include <memory>
#include <utility>

#include "rpc/append_stream_reactor.h"
#include "rpc/convert.h"
#include "rpc/page.h"
#include "rpc/read_reactor.h"
#include "rpc/subscribe_reactor.h"
#include "rpc/unary.h"

namespace nexus::rpc {

grpc::ServerUnaryReactor* EventStoreService::Append(grpc::CallbackServerContext* context,
                                                    const v1::AppendRequest* request,
                                                    v1::AppendResponse* response) {
  auto call = std::make_shared<UnaryCall>(context, parts_, "nexus.v1.EventStoreService/Append");
  if (!call->caller().ok()) {
    call->Finish(call->caller().status());
    return call->reactor();
  }
  // The message is gRPC's and not constant; nobody looks at it again.
  auto& taken = const_cast<v1::AppendRequest&>(*request);
  parts_.engine.Append(ToDraft(std::move(taken)), *std::move(call->caller()),
                       [call, response](absl::StatusOr<CommitReceipt> receipt) {
                         if (receipt.ok()) FillReceipt(*receipt, *response);
                         call->Finish(receipt.status());
                       });
  return call->reactor();
}

grpc::ServerBidiReactor<v1::AppendStreamRequest, v1::AppendStreamResponse>*
EventStoreService::AppendStream(grpc::CallbackServerContext* context) {
  return NewAppendStreamReactor(context, parts_);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* EventStoreService::Read(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  return NewReadReactor(context, parts_, *request);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* EventStoreService::Subscribe(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  return NewSubscribeReactor(context, parts_, *request, pages_);
}

grpc::ServerUnaryReactor* EventStoreService::GetStream(grpc::CallbackServerContext* context,
                                                       const v1::GetStreamRequest* request,
                                                       v1::Stream* response) {
  auto call = std::make_shared<UnaryCall>(context, parts_, "nexus.v1.EventStoreService/GetStream");
  if (!call->caller().ok()) {
    call->Finish(call->caller().status());
    return call->reactor();
  }
  parts_.engine.GetStream(request->stream(), [call, response](absl::StatusOr<StreamInfo> info) {
    if (info.ok()) FillStream(*info, *response);
    call->Finish(info.status());
  });
  return call->reactor();
}

grpc::ServerUnaryReactor* EventStoreService::ListStreams(grpc::CallbackServerContext* context,
                                                         const v1::ListStreamsRequest* request,
                                                         v1::ListStreamsResponse* response) {
  auto call =
      std::make_shared<UnaryCall>(context, parts_, "nexus.v1.EventStoreService/ListStreams");
  StreamQuery query;
  query.name_prefix = request->name_prefix();
  query.category = request->category();
  query.include_system = request->include_system();
  const PageKey key{
      absl::StrCat(query.name_prefix, "\n", query.category, "\n", query.include_system)};
  absl::Status status = call->caller().status();
  if (status.ok())
    status =
        ReadPageRequest(request->page_size(), request->page_token(), key, query.limit, query.after);
  if (!status.ok()) {
    call->Finish(status);
    return call->reactor();
  }
  parts_.engine.ListStreams(query, [call, response, key](absl::StatusOr<StreamPage> page) {
    if (page.ok()) {
      for (const StreamInfo& info : page->streams) FillStream(info, *response->add_streams());
      if (!page->end) {
        response->set_next_page_token(MakePageToken(key, page->streams.back().name));
      }
    }
    call->Finish(page.status());
  });
  return call->reactor();
}

}  // namespace nexus::rpc
