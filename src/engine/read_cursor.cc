#include "engine/read_cursor.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "nexus/core/status_macros.h"

namespace nexus::engine {
namespace {

constexpr uint64_t kLast = std::numeric_limits<uint64_t>::max();

uint64_t FirstToRead(const ReadQuery& query) {
  if (query.from.has_value()) {
    // Positions begin at 1; "from 0" means from the beginning.
    const bool whole_log_start = query.stream.empty() && query.direction == Direction::kForward;
    return whole_log_start ? std::max<uint64_t>(*query.from, 1) : *query.from;
  }
  if (query.direction == Direction::kBackward) return kLast;
  return query.stream.empty() ? 1 : 0;
}

}  // namespace

absl::StatusOr<ReadCursor> ReadCursor::Open(EventReader& reader, const ReadQuery& query,
                                            PageLimits limits) {
  StreamName stream;
  if (!query.stream.empty()) {
    NEXUS_ASSIGN_OR_RETURN(stream, StreamName::Parse(query.stream));
  }
  return ReadCursor(reader, query, std::move(stream), limits);
}

ReadCursor::ReadCursor(EventReader& reader, const ReadQuery& query, StreamName stream,
                       PageLimits limits)
    : reader_(&reader),
      query_(query),
      stream_(std::move(stream)),
      limits_(limits),
      head_(reader.Head()),
      next_(FirstToRead(query)),
      left_(query.limit == 0 ? kLast : query.limit) {}

absl::StatusOr<std::optional<EventBatch>> ReadCursor::Next() {
  while (!end_ && left_ > 0) {
    NEXUS_ASSIGN_OR_RETURN(EventBatch page, ReadPage());
    Advance(page);
    Trim(page);
    if (!page.events.empty()) return std::optional<EventBatch>(std::move(page));
  }
  return std::nullopt;
}

absl::StatusOr<EventBatch> ReadCursor::ReadPage() {
  PageLimits limits = limits_;
  // Filtered events do not count, so the limit can shorten a page only where nothing is filtered.
  if (!query_.exclude_system) {
    limits.events_max = static_cast<size_t>(std::min<uint64_t>(limits.events_max, left_));
  }
  if (stream_.str().empty()) {
    return reader_->ReadAll(Position(next_), query_.direction, limits);
  }
  return reader_->ReadStream(stream_, Revision(next_), query_.direction, limits);
}

void ReadCursor::Advance(const EventBatch& page) {
  if (page.end || page.events.empty()) {
    end_ = true;
    return;
  }
  const RecordedEvent& last = page.events.back();
  const uint64_t at = stream_.str().empty() ? last.position.value : last.revision.value;
  if (query_.direction == Direction::kForward) {
    next_ = at + 1;
    end_ = last.position >= head_;
  } else {
    end_ = at == 0 || (stream_.str().empty() && at == 1);
    next_ = at - 1;
  }
}

void ReadCursor::Trim(EventBatch& page) {
  std::erase_if(page.events, [this](const RecordedEvent& event) {
    return event.position > head_ || (query_.exclude_system && absl::StartsWith(event.stream, "$"));
  });
  if (page.events.size() > left_) page.events.resize(left_);
  left_ -= page.events.size();
}

}  // namespace nexus::engine
