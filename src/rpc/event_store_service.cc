#include "rpc/event_store_service.h"

#include <utility>

#include "rpc/append_stream_reactor.h"
#include "rpc/convert.h"
#include "rpc/page.h"
#include "rpc/read_reactor.h"
#include "rpc/service_names.h"
#include "rpc/subscribe_reactor.h"

namespace nexus::rpc {

// Read and Subscribe answer with bytes (rpc/event_wire.h), the others with messages.
void EventStoreService::AddTo(MethodTable& table) {
  using Self = EventStoreService;
  table.Add(kEventStoreService, "Append", Unary(parts_, *this, &Self::Append));
  table.Add(kEventStoreService, "GetStream", Unary(parts_, *this, &Self::GetStream));
  table.Add(kEventStoreService, "ListStreams", Unary(parts_, *this, &Self::ListStreams));
  table.Add(kEventStoreService, "AppendStream",
            {[this](ServerCall& call, const grpc::ByteBuffer&) { BeginAppendStream(call, parts_); },
             true});
  table.Add(kEventStoreService, "Read", {[this](ServerCall& call, const grpc::ByteBuffer& request) {
              BeginRead(call, parts_, request);
            }});
  table.Add(kEventStoreService, "Subscribe",
            {[this](ServerCall& call, const grpc::ByteBuffer& request) {
              BeginSubscribe(call, parts_, request, pages_);
            }});
}

void EventStoreService::Append(UnaryPtr<v1::AppendRequest, v1::AppendResponse> call) {
  parts_.engine.Append(ToDraft(std::move(call->request())), call->CallerOfCommit(call),
                       [call](absl::StatusOr<CommitReceipt> receipt) {
                         if (receipt.ok()) FillReceipt(*receipt, call->response());
                         call->Finish(receipt.status());
                       });
}

void EventStoreService::GetStream(UnaryPtr<v1::GetStreamRequest, v1::Stream> call) {
  parts_.engine.GetStream(call->request().stream(), std::move(call->caller()),
                          [call](absl::StatusOr<StreamInfo> info) {
                            if (info.ok()) FillStream(*info, call->response());
                            call->Finish(info.status());
                          });
}

void EventStoreService::ListStreams(
    UnaryPtr<v1::ListStreamsRequest, v1::ListStreamsResponse> call) {
  const v1::ListStreamsRequest& request = call->request();
  StreamQuery query;
  query.name_prefix = request.name_prefix();
  query.category = request.category();
  query.include_system = request.include_system();
  const PageKey key{
      absl::StrCat(query.name_prefix, "\n", query.category, "\n", query.include_system)};
  if (!call->Ready(ReadPageRequest(request.page_size(), request.page_token(), key, query.limit,
                                   query.after))) {
    return;
  }
  parts_.engine.ListStreams(
      query, std::move(call->caller()), [call, key](absl::StatusOr<StreamPage> page) {
        if (page.ok()) {
          for (const StreamInfo& info : page->streams)
            FillStream(info, *call->response().add_streams());
          if (!page->end) {
            const std::string& last =
                page->looked_to.empty() ? page->streams.back().name : page->looked_to;
            call->response().set_next_page_token(MakePageToken(key, last));
          }
        }
        call->Finish(page.status());
      });
}

}  // namespace nexus::rpc
