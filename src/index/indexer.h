#pragma once

// Indexer: follows the log and brings the index up behind it, in batches.
//
// Costs an append nothing: it reads what is durable, when enough has come together. A crash, a
// failed write or a cleared index only means that it begins where the index ends; an index that
// knows more than the log does (the log was restored) is cleared. Thread-safe. The parts must
// outlive it.

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "follow/head_signal.h"
#include "nexus/port/event_index.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "nexus/port/metrics.h"

namespace nexus::index {

struct IndexerParts {
  EventIndex& index;
  EventReader& reader;
  follow::HeadSignal& head;
  Executor& workers;
  MetricsRegistry& metrics;
};

struct IndexerOptions {
  PageLimits batch = {8'192, 4 << 20};
  // At the tail it waits until so many events have come together, or so long.
  uint64_t events_min = 1'024;
  absl::Duration delay_max = absl::Milliseconds(200);
  absl::Duration retry_after = absl::Seconds(1);  // after an error
  // A sentence for the operator when something is wrong or was mended. On a worker; must not block.
  std::function<void(absl::string_view)> on_notice = nullptr;
};

struct IndexerState {
  Position indexed_to;
  Position head;
  // How often the index was cleared since Start(): tells when a Rebuild() has begun.
  uint64_t cleared = 0;
  absl::Status error = absl::OkStatus();  // why it does not come on, now

  uint64_t lag() const { return head > indexed_to ? head.value - indexed_to.value : 0; }
};

class Indexer {
 public:
  explicit Indexer(const IndexerParts& parts, IndexerOptions options = {});
  ~Indexer();  // Stop()
  Indexer(const Indexer&) = delete;
  Indexer& operator=(const Indexer&) = delete;

  void Start();

  // Clears the index and builds it again from the log, from the next step on. Reads go on; they
  // look at the log meanwhile. Gives what IndexerState::cleared will be at least once it has begun.
  uint64_t Rebuild();

  // Cheap.
  IndexerState State() const;

  // Waits for a batch under way; nothing runs after it. Not from a worker's task of its own.
  void Stop();

 private:
  class Core;

  const std::shared_ptr<Core> core_;
};

}  // namespace nexus::index
