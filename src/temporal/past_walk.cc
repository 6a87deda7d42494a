#include "temporal/past_walk.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::temporal {
namespace {

// So many events are folded at once.
constexpr size_t kPageEvents = 1'024;
constexpr size_t kPageBytes = 512 << 10;

}  // namespace

absl::StatusOr<bool> PastWalk::Advance(const PastBound& bound) { return Go(bound, nullptr); }

absl::StatusOr<bool> PastWalk::Advance(const PastBound& bound, Each each) {
  return Go(bound, &each);
}

absl::StatusOr<bool> PastWalk::Go(const PastBound& bound, const Each* each) {
  for (;;) {
    NEXUS_ASSIGN_OR_RETURN(const bool spent, IsSpent());
    if (spent) return false;
    const Revision next = last_.has_value() ? last_->revision.Next() : Revision(0);
    const size_t left = static_cast<size_t>(limits_.events_max - events_read_);
    NEXUS_ASSIGN_OR_RETURN(EventBatch page,
                           parts_.reader.ReadStream(stream_, next, Direction::kForward,
                                                    {std::min(kPageEvents, left), kPageBytes}));
    const size_t within = CountWithin(page, bound);
    const size_t allowed = CountAllowed(page, within);
    NEXUS_RETURN_IF_ERROR(CheckVisible(absl::MakeSpan(page.events).subspan(0, allowed)));
    NEXUS_RETURN_IF_ERROR(BringToLatest(page));
    NEXUS_RETURN_IF_ERROR(Take(absl::MakeSpan(page.events).subspan(0, allowed), each));
    if (paused_ || allowed < within) return false;
    if (within < page.events.size() || page.end) return true;
  }
}

// An old event that its upcaster cannot take would make another state than the code expects; a
// merge takes it as it was stored.
absl::Status PastWalk::BringToLatest(EventBatch& page) const {
  static const schema::SchemaView kLatest{.latest = true};
  absl::Status brought = parts_.evolution.Apply(kLatest, page);
  return fold_.Facts().aggregate.empty() ? absl::OkStatus() : brought;
}

absl::StatusOr<bool> PastWalk::IsSpent() {
  if (paused_ || events_read_ >= limits_.events_max) return true;
  if (parts_.clock.Monotonic() < limits_.deadline) return false;
  if (events_read_ > 0) return true;
  return MakeError(ErrorReason::kDeadlineExceeded, "the query did not come to its turn in time");
}

size_t PastWalk::CountWithin(const EventBatch& page, const PastBound& bound) const {
  size_t within = 0;
  while (within < page.events.size() && bound.Holds(page.events[within])) ++within;
  return within;
}

size_t PastWalk::CountAllowed(const EventBatch& page, size_t within) const {
  size_t allowed = 0;
  for (; allowed < within; ++allowed) {
    const Timestamp first = first_time_.value_or(page.events.front().recorded);
    const int64_t micros = page.events[allowed].recorded.micros - first.micros;
    if (absl::Microseconds(micros) > limits_.span_max) break;
  }
  return allowed;
}

// As they were stored: an upcaster may call them by another name.
absl::Status PastWalk::CheckVisible(absl::Span<const RecordedEvent> events) const {
  if (!visible_) return absl::OkStatus();
  for (const RecordedEvent& event : events) {
    if (visible_(event.stream, event.type)) continue;
    return MakeError(ErrorReason::kAccessDenied,
                     absl::StrCat("the state is made of events of the type ", event.type,
                                  ", which the caller may not read"));
  }
  return absl::OkStatus();
}

absl::Status PastWalk::Take(absl::Span<const RecordedEvent> events, const Each* each) {
  const size_t step = each == nullptr ? events.size() : 1;
  for (size_t i = 0; i < events.size() && !paused_; i += step) {
    NEXUS_RETURN_IF_ERROR(fold_.Fold(events.subspan(i, step)));
    const RecordedEvent& event = events[i + step - 1];
    if (!first_time_.has_value()) first_time_ = events.front().recorded;
    last_ = PastEvent{event.revision, event.position, event.recorded};
    events_read_ += step;
    if (each != nullptr) NEXUS_RETURN_IF_ERROR((*each)(event));
    if (each != nullptr && parts_.clock.Monotonic() >= limits_.deadline) paused_ = true;
  }
  return absl::OkStatus();
}

}  // namespace nexus::temporal
