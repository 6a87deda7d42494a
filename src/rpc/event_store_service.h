#pragma once

// nexus.v1.EventStoreService over the engine.

#include <memory>

#include "nexus/v1/event_store.pb.h"
#include "rpc/call_context.h"
#include "rpc/encoded_pages.h"
#include "rpc/transport/method_table.h"
#include "rpc/unary.h"

namespace nexus::rpc {

class EventStoreService {
 public:
  explicit EventStoreService(const ServiceParts& parts) : parts_(parts) {}

  void AddTo(MethodTable& table);

 private:
  void Append(UnaryPtr<v1::AppendRequest, v1::AppendResponse> call);
  void GetStream(UnaryPtr<v1::GetStreamRequest, v1::Stream> call);
  void ListStreams(UnaryPtr<v1::ListStreamsRequest, v1::ListStreamsResponse> call);

  const ServiceParts parts_;
  const std::shared_ptr<EncodedPages> pages_ =
      std::make_shared<EncodedPages>(CacheCounters(parts_.engine.metrics(), "encoded_pages"));
};

}  // namespace nexus::rpc
