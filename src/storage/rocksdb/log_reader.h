#pragma once

// Reads of the log's RocksDB, each checked for gaps up to the head that it was begun with.
//
// Thread-safe. Every function may read from disk. Errors: DATA_LOSS for whatever should be there
// and is not, or is damaged; what EventReader says besides.

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "log/log_state.h"
#include "nexus/port/event_index.h"
#include "nexus/port/event_reader.h"
#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/record_codec.h"

namespace nexus::storage {

// A record with the bytes that it points into.
struct LoadedRecord {
  std::shared_ptr<const std::string> bytes;
  RecordView view;
};

class LogReader {
 public:
  // Clients read this tenant until tenants have an interface of their own.
  static constexpr uint32_t kTenant = 0;

  // `database` must outlive this.
  explicit LogReader(LogDatabase& database) : database_(database) {}

  absl::StatusOr<EventBatch> ReadAll(Position head, Position from, Direction direction,
                                     PageLimits limits);
  absl::StatusOr<EventBatch> ReadStream(Position head, const StreamName& stream, Revision from,
                                        Direction direction, PageLimits limits);
  absl::StatusOr<EventBatch> ReadAt(Position head, absl::Span<const Position> positions,
                                    PageLimits limits);
  absl::StatusOr<Position> FirstRecordedAt(Position head, Timestamp time);
  absl::StatusOr<std::optional<PositionRange>> LocateCommit(Position head, const CommitId& id);
  absl::StatusOr<StreamInfo> GetStream(Position head, const StreamName& stream);
  absl::StatusOr<StreamPage> ListStreams(Position head, const StreamQuery& query);

 private:
  absl::StatusOr<EventBatch> ReadAllForward(Position head, Position from, PageLimits limits);
  absl::StatusOr<EventBatch> ReadAllBackward(Position head, Position from, PageLimits limits);
  absl::StatusOr<EventBatch> ReadStreamForward(Position head, absl::string_view name,
                                               const log::StreamHead& stream, Revision from,
                                               PageLimits limits);
  absl::StatusOr<EventBatch> ReadStreamBackward(Position head, absl::string_view name,
                                                const log::StreamHead& stream, Revision from,
                                                PageLimits limits);

  // The record that starts at `first`.
  absl::StatusOr<LoadedRecord> Load(Position first);
  // The stream as it was when the log ended at `head`; nothing if it had no event then. The row may
  // be newer: it becomes visible a moment before the head is published.
  absl::StatusOr<std::optional<log::StreamHead>> HeadAsOf(Position head, absl::string_view name,
                                                          const log::StreamHead& row);
  absl::StatusOr<log::StreamHead> FindStream(Position head, absl::string_view name);

  LogDatabase& database_;
};

}  // namespace nexus::storage
