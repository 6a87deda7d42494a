#pragma once

// Whether the rows that point at a record are there and agree with it and with their neighbours.
//
// Independent of the checks at open (log_recovery.h): those see the end of the log only.
// Not thread-safe.

#include <rocksdb/db.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/record_codec.h"

namespace nexus::storage {

class RecordAudit {
 public:
  // `found` gets a sentence for each thing that is wrong. `options` has the snapshot to read.
  RecordAudit(LogDatabase& database, const rocksdb::ReadOptions& options,
              std::function<void(std::string)> found);

  void Check(const RecordView& record);

 private:
  void CheckId(const RecordView& record);
  // The stream's row; nothing if it cannot be read.
  std::optional<log::StreamHead> CheckStream(const RecordView& record,
                                             const RecordStreamView& stream);
  void CheckEventId(const log::StreamHead& head, const RecordedEvent& event);
  void CheckIndex(const RecordView& record, const RecordStreamView& stream,
                  const log::StreamHead& head);

  LogDatabase& database_;
  const rocksdb::ReadOptions options_;
  const std::function<void(std::string)> found_;
  const std::unique_ptr<rocksdb::Iterator> index_;  // over stream_commits
};

}  // namespace nexus::storage
