#include "engine/read_cursor.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "follow/time_bounds.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::engine {
namespace {

constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();
// Of one stream, in one Next().
constexpr size_t kLookedAtMax = 65'536;

}  // namespace

absl::StatusOr<ReadCursor> ReadCursor::Open(EventReader& reader, index::FilteredReader& filtered,
                                            const ReadQuery& query, PageLimits limits) {
  StreamName stream;
  if (!query.stream.empty()) {
    NEXUS_ASSIGN_OR_RETURN(stream, StreamName::Parse(query.stream));
  }
  ReadCursor cursor(reader, filtered, query, std::move(stream), limits);
  NEXUS_RETURN_IF_ERROR(cursor.SetBounds());
  return cursor;
}

ReadCursor::ReadCursor(EventReader& reader, index::FilteredReader& filtered, const ReadQuery& query,
                       StreamName stream, PageLimits limits)
    : reader_(&reader),
      filtered_(&filtered),
      query_(query),
      selection_{query.filter, query.exclude_system && query.stream.empty(), query.visible},
      stream_(std::move(stream)),
      limits_(limits),
      left_(query.limit == 0 ? kNoLimit : query.limit) {}

absl::Status ReadCursor::SetBounds() {
  if (whole_log()) {
    head_ = reader_->Head();
    low_ = 1;
    high_ = head_.value + 1;
  } else {
    NEXUS_ASSIGN_OR_RETURN(const StreamInfo info, reader_->GetStream(stream_));
    head_ = reader_->Head();
    high_ = info.last_revision.value + 1;
  }
  const std::optional<uint64_t>& first = forward() ? query_.from : query_.to;
  const std::optional<uint64_t>& last = forward() ? query_.to : query_.from;
  const uint64_t end = high_;
  if (first) low_ = std::max(low_, *first);
  if (last && *last < high_) high_ = *last + 1;
  if (query_.from_time) {
    NEXUS_ASSIGN_OR_RETURN(const uint64_t at, FirstAt(*query_.from_time));
    low_ = std::max(low_, at);
  }
  if (query_.to_time) {
    NEXUS_ASSIGN_OR_RETURN(const uint64_t at, FirstAt(*query_.to_time));
    high_ = std::min(high_, at);
  }
  // Positions begin at 1, so there is always one before; revisions begin at 0.
  if (forward()) {
    if (high_ > 0) bound_ = high_ - 1;
  } else {
    bound_ = std::min(low_, end - 1);
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> ReadCursor::FirstAt(Timestamp time) {
  if (!whole_log()) return follow::FirstRevisionAt(*reader_, stream_, high_, time);
  NEXUS_ASSIGN_OR_RETURN(const Position position, reader_->FirstRecordedAt(time));
  return position.value;
}

absl::StatusOr<std::optional<ReadPage>> ReadCursor::Next() {
  ReadPage page;
  if (told_end_) return std::nullopt;
  if (Ended()) {
    page.batch.head = reader_->Head();
    page.checkpoint = Bound();
  } else {
    NEXUS_ASSIGN_OR_RETURN(page.batch, ReadNext());
    Trim(page.batch);
    page.checkpoint = Bound();
  }
  told_end_ = Ended();
  page.last = told_end_;
  return std::optional<ReadPage>(std::move(page));
}

// What was looked at last: at the end, what bounds the read.
std::optional<uint64_t> ReadCursor::Bound() const {
  if (low_ >= high_) return bound_;
  return forward() ? low_ - 1 : high_;
}

absl::StatusOr<EventBatch> ReadCursor::ReadNext() {
  PageLimits limits = limits_;
  limits.events_max = static_cast<size_t>(std::min<uint64_t>(limits.events_max, left_));
  return whole_log() ? ReadWholeLog(limits) : ReadStreamPart(limits);
}

absl::StatusOr<EventBatch> ReadCursor::ReadWholeLog(PageLimits limits) {
  NEXUS_ASSIGN_OR_RETURN(
      index::FilteredPage page,
      filtered_->Page(selection_, {Position(low_), Position(high_ - 1)}, query_.direction, limits));
  Passed(page.scanned_to.value);
  return std::move(page.batch);
}

absl::StatusOr<EventBatch> ReadCursor::ReadStreamPart(PageLimits limits) {
  const bool all = selection_.MatchesAll();
  size_t looked_at = 0;
  while (true) {
    PageLimits look = all ? limits : limits_;
    look.events_max = static_cast<size_t>(std::min<uint64_t>(look.events_max, high_ - low_));
    NEXUS_ASSIGN_OR_RETURN(EventBatch batch,
                           reader_->ReadStream(stream_, Revision(forward() ? low_ : high_ - 1),
                                               query_.direction, look));
    if (batch.events.empty()) {
      return MakeError(ErrorReason::kDataLoss,
                       absl::StrCat("revisions of ", stream_.str(), " are missing"));
    }
    looked_at += batch.events.size();
    Passed(batch.events.back().revision.value);
    std::erase_if(batch.events, [&](const RecordedEvent& e) { return !selection_.Matches(e); });
    if (!batch.events.empty() || Ended() || looked_at >= kLookedAtMax) return batch;
  }
}

void ReadCursor::Passed(uint64_t at) {
  if (forward()) {
    low_ = at + 1;
  } else {
    high_ = at;
  }
}

void ReadCursor::Trim(EventBatch& batch) {
  if (batch.events.size() > left_) {
    batch.events.resize(left_);
    const RecordedEvent& last = batch.events.back();
    Passed(whole_log() ? last.position.value : last.revision.value);
  }
  left_ -= batch.events.size();
}

}  // namespace nexus::engine
