#pragma once

// Whether `commit_ids` and `event_ids` have rows that no record stands behind. That each record has
// its rows is looked at record by record (record_audit.h); this finds those beyond.
//
// Walks both in key order and keeps a row at a time: memory does not grow with the log. Can be
// advanced beside appends. A row of a place that cannot be read is passed over: the walk over the
// records has told of that place. Not thread-safe.

#include <rocksdb/db.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "log/log_state.h"
#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/record_codec.h"

namespace nexus::storage {

class RowAudit {
 public:
  // `commits`: how many there are up to `last`, if that is known. As many rows are then as they
  // should be; else each row's commit is looked up, which reads the log a second time in another
  // order. `found` gets a sentence for each thing that is wrong.
  RowAudit(LogDatabase& database, Position last, std::optional<uint64_t> commits,
           std::function<void(std::string)> found)
      : database_(database), last_(last), commits_(commits), found_(std::move(found)) {
    phase_ = commits_ ? Phase::kCountCommits : Phase::kFindCommits;
  }

  // Reads about `bytes` more. True once all rows were read.
  bool Advance(uint64_t bytes);

 private:
  enum class Phase { kCountCommits, kFindCommits, kEvents, kDone };
  class Look;

  // The stream whose rows in `event_ids` are being counted.
  struct Stream {
    Position number;
    std::string key;       // of its row in `streams`; empty: it could not be found
    log::StreamHead head;  // when its first row was read
    uint64_t rows = 0;     // of the events that it had then
    uint64_t expected() const { return head.events() - head.sorted_count; }
  };

  void EndPhase();

  LogDatabase& database_;
  const Position last_;
  const std::optional<uint64_t> commits_;
  const std::function<void(std::string)> found_;
  Phase phase_;
  std::string next_;  // the key to go on at
  uint64_t counted_ = 0;
  std::optional<Stream> stream_;
};

}  // namespace nexus::storage
