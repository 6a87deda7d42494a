#include <algorithm>
#include <utility>

#include "nexus/core/planted_fault.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/log_reader.h"
#include "storage/rocksdb/page_builder.h"
#include "storage/rocksdb/record_at.h"

namespace nexus::storage {
namespace {

EventBatch EmptyPage(Position head) { return PageBuilder({}, head).Take(/*end=*/true); }

}  // namespace

absl::StatusOr<EventBatch> LogReader::ReadAll(Position head, Position from, Direction direction,
                                              PageLimits limits) {
  if (direction == Direction::kForward) {
    from = std::max(from, Position(1));
    if (from > head) return EmptyPage(head);
    return ReadAllForward(head, from, limits);
  }
  from = std::min(from, head);
  if (from.value == 0) return EmptyPage(head);
  return ReadAllBackward(head, from, limits);
}

absl::StatusOr<EventBatch> LogReader::ReadAllForward(Position head, Position from,
                                                     PageLimits limits) {
  PageBuilder page(limits, head);
  // At most a default page at once: what is large needs few.
  page.events().reserve(std::min({limits.events_max, PageLimits().events_max,
                                  static_cast<size_t>(head.value - from.value + 1)}));
  const auto it = database_.NewIterator(database_.commits());
  it->SeekForPrev(EncodePosition(from));
  Position next = from;
  while (!page.full() && next <= head) {
    auto found = RecordHolding(*it, next);
    if (!found.ok() && IsPlanted(PlantedFault::kHolesUnnoticed)) return page.Take(true);
    NEXUS_ASSIGN_OR_RETURN(LoadedRecord record, std::move(found));
    const uint64_t high = std::min(record.view.last().value, next.value + page.room() - 1);
    NEXUS_RETURN_IF_ERROR(DecodeEvents(record.view, {{}, next.value, high}, page.events()));
    page.Keep(std::move(record.bytes));
    next = next.Plus(page.Settle());
    if (next > record.view.last()) it->Next();
  }
  return page.Take(next > head);
}

absl::StatusOr<EventBatch> LogReader::ReadAllBackward(Position head, Position from,
                                                      PageLimits limits) {
  PageBuilder page(limits, head);
  const auto it = database_.NewIterator(database_.commits());
  it->SeekForPrev(EncodePosition(from));
  Position next = from;
  while (!page.full() && next.value > 0) {
    NEXUS_ASSIGN_OR_RETURN(LoadedRecord record, RecordHolding(*it, next));
    const uint64_t room = std::min<uint64_t>(page.room(), next.value);
    NEXUS_ASSIGN_OR_RETURN(std::vector<RecordedEvent> events,
                           DecodeEvents(record.view, {{}, next.value - room + 1, next.value}));
    page.Keep(std::move(record.bytes));
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      if (!page.Add(std::move(*event))) break;
      next = Position(next.value - 1);
    }
    if (next < record.view.first) it->Prev();
  }
  return page.Take(next.value == 0);
}

}  // namespace nexus::storage
