#pragma once

// Who has subscribed to what since the server started: the newest ones of a bounded number.
//
// Thread-safe.

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "nexus/core/event_filter.h"
#include "nexus/core/position.h"
#include "nexus/core/service_graph.h"

namespace nexus::graph {

class SubscriptionTable {
 public:
  explicit SubscriptionTable(size_t rows_max = 10'000) : rows_max_(rows_max) {}

  // A subscription of `principal` to `stream` (empty: the whole log) begins. A row for each place
  // and type that the filter names. When the table is full, the row that was used longest ago goes.
  void Note(absl::string_view principal, absl::string_view stream, const EventFilter& filter,
            Timestamp now);

  // By principal, place and type.
  std::vector<GraphSubscription> List() const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;
  struct Row {
    uint64_t times = 0;
    Timestamp last;
    uint64_t used = 0;  // ascends with every use
  };

  void NoteRow(Key key, Timestamp now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t rows_max_;
  mutable absl::Mutex mutex_;
  std::map<Key, Row> rows_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, Key> by_use_ ABSL_GUARDED_BY(mutex_);
  uint64_t uses_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace nexus::graph
