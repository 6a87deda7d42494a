#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/log_reader.h"
#include "storage/rocksdb/page_builder.h"
#include "storage/rocksdb/record_at.h"

namespace nexus::storage {

absl::StatusOr<EventBatch> LogReader::ReadAt(Position head, absl::Span<const Position> positions,
                                             PageLimits limits) {
  PageBuilder page(limits, head);
  const auto it = database_.NewIterator(database_.commits());
  LoadedRecord record;
  size_t read = 0;
  for (; read < positions.size() && !page.full(); ++read) {
    const Position wanted = positions[read];
    if (wanted.value == 0 || wanted > head) {
      return MakeError(ErrorReason::kDataLoss,
                       absl::StrCat("position ", wanted.value,
                                    " is wanted from a log that ends at ", head.value));
    }
    const bool here = record.bytes && wanted >= record.view.first && wanted <= record.view.last();
    if (!here) {
      it->SeekForPrev(EncodePosition(wanted));
      NEXUS_ASSIGN_OR_RETURN(record, RecordHolding(*it, wanted));
      page.Keep(record.bytes);
    }
    NEXUS_ASSIGN_OR_RETURN(std::vector<RecordedEvent> events,
                           DecodeEvents(record.view, {{}, wanted.value, wanted.value}));
    if (!page.Add(std::move(events.front()))) break;
  }
  return page.Take(read == positions.size());
}

absl::StatusOr<Position> LogReader::FirstRecordedAt(Position head, Timestamp time) {
  const auto it = database_.NewIterator(database_.commits());
  uint64_t low = 1;                // everything below was recorded earlier
  uint64_t high = head.value + 1;  // and everything from here on at `time` or later
  while (low < high) {
    const Position middle(low + (high - low) / 2);
    it->SeekForPrev(EncodePosition(middle));
    NEXUS_ASSIGN_OR_RETURN(const LoadedRecord record, RecordHolding(*it, middle));
    if (record.view.recorded < time) {
      low = record.view.last().value + 1;
    } else {
      high = record.view.first.value;
    }
  }
  return Position(low);
}

}  // namespace nexus::storage
