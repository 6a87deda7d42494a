#pragma once

// EncodedPages: pages that many subscribers get, as bytes that were written once.
//
// Thread-safe. Keeps the newest few pages and their bytes.

#include <deque>
#include <memory>

#include "absl/synchronization/mutex.h"
#include "grpcpp/support/slice.h"
#include "nexus/core/event.h"
#include "nexus/port/cache_counters.h"

namespace nexus::rpc {

class EncodedPages {
 public:
  explicit EncodedPages(CacheCounters counters = {}) : counters_(counters) {}

  // The bytes of all events of `page` (event_wire.h).
  grpc::Slice BytesOf(const std::shared_ptr<const EventBatch>& page);

 private:
  struct Entry {
    std::shared_ptr<const EventBatch> page;  // held, so that its address is nobody else's
    grpc::Slice bytes;
  };

  const CacheCounters counters_;
  // Held while a page is encoded: whoever waits wants that page.
  absl::Mutex mutex_;
  std::deque<Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::rpc
