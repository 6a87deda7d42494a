#include "log/recent_events.h"

#include <algorithm>
#include <utility>

namespace nexus::log {
namespace {

constexpr size_t kSegmentsMin = 8;

}  // namespace

RecentEvents::RecentEvents(Options options, Position head)
    : options_(options), start_(head.Next()) {}

// Segments leave whole, so none may be a large part of the bound.
bool RecentEvents::Full(const Segment& segment) const {
  return segment.count.load(std::memory_order_relaxed) == Segment::kCommits ||
         segment.events >= options_.events_max / kSegmentsMin ||
         segment.bytes >= options_.bytes_max / kSegmentsMin;
}

void RecentEvents::Add(Position first, std::shared_ptr<const CommitTraits> traits) {
  const bool full = last_ == nullptr || Full(*last_);
  const size_t events = traits->events();
  const size_t bytes = traits->bytes() + sizeof(Entry);
  if (full) last_ = std::make_shared<Segment>();
  last_->events += events;
  last_->bytes += bytes;
  events_ += events;
  bytes_ += bytes;
  const size_t at = last_->count.load(std::memory_order_relaxed);
  last_->entries[at] = {first, traits->signature(), std::move(traits)};
  last_->count.store(at + 1, std::memory_order_release);
  const bool too_many = events_ > options_.events_max || bytes_ > options_.bytes_max;
  if (!full && !too_many) return;
  absl::MutexLock lock(&mutex_);
  if (full) segments_.push_back(last_);
  DropOldest();
}

// The newest segment stays, whatever it holds: what was just added must be found.
void RecentEvents::DropOldest() {
  while (segments_.size() > 1 && (events_ > options_.events_max || bytes_ > options_.bytes_max)) {
    events_ -= segments_.front()->events;
    bytes_ -= segments_.front()->bytes;
    segments_.pop_front();
    start_ = segments_.front()->entries[0].first;
  }
}

Position RecentEvents::Start() const {
  absl::MutexLock lock(&mutex_);
  return start_;
}

std::vector<RecentEvents::SegmentPtr> RecentEvents::SegmentsAfter(Position after) const {
  absl::MutexLock lock(&mutex_);
  if (after.Next() < start_) return {};
  // The last segment that begins at `after` or before it, and all behind it.
  auto begin = std::upper_bound(
      segments_.begin(), segments_.end(), after.Next(),
      [](Position p, const SegmentPtr& segment) { return p < segment->entries[0].first; });
  if (begin != segments_.begin()) --begin;
  return {begin, segments_.end()};
}

RecentEvents::Answer RecentEvents::FirstMatch(uint32_t tenant, const EventFilter& filter,
                                              Position after, Position up_to) const {
  if (after >= up_to) return {true, std::nullopt};
  return FirstMatch(tenant, FilterProbe(filter), after, up_to);
}

RecentEvents::Answer RecentEvents::FirstMatch(uint32_t tenant, const FilterProbe& probe,
                                              Position after, Position up_to) const {
  if (after >= up_to) return {true, std::nullopt};
  const std::vector<SegmentPtr> segments = SegmentsAfter(after);
  if (segments.empty()) return {};
  for (const SegmentPtr& segment : segments) {
    const size_t count = segment->count.load(std::memory_order_acquire);
    const auto end = segment->entries.begin() + static_cast<ptrdiff_t>(count);
    // The last commit that begins at or before the first position asked for.
    auto entry = std::upper_bound(segment->entries.begin(), end, after.Next(),
                                  [](Position p, const Entry& e) { return p < e.first; });
    if (entry != segment->entries.begin()) --entry;
    for (; entry != end && entry->first <= up_to; ++entry) {
      if (!probe.MayMatch(entry->signature) || entry->traits->tenant() != tenant) continue;
      const uint64_t first = entry->first.value;
      const size_t from = after >= entry->first ? after.value - first + 1 : 0;
      const size_t to = up_to.value - first + 1;
      const auto found = entry->traits->FirstMatch(probe, from, to);
      if (found.has_value()) return {true, Position(first + *found)};
    }
  }
  return {true, std::nullopt};
}

}  // namespace nexus::log
