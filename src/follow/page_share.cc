#include "follow/page_share.h"

#include <algorithm>
#include <utility>

#include "follow/page_check.h"
#include "nexus/core/status_macros.h"

namespace nexus::follow {
namespace {

// With at most a mebibyte each by default. Readers that a page took a little longer to write for
// still find the one that they want next.
constexpr size_t kPagesMax = 8;

}  // namespace

absl::StatusOr<SharedPage> PageShare::Page(Position next, PageLimits limits) {
  // Whoever cannot reach the end with one page reads history, alone.
  const Position head = reader_.Head();
  if (head.value >= next.value + limits.events_max) {
    NEXUS_ASSIGN_OR_RETURN(std::shared_ptr<const EventBatch> batch, Read(next, limits));
    return SharedPage{std::move(batch), false};
  }
  absl::MutexLock lock(&mutex_);
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.next == next && entry.limits.events_max == limits.events_max &&
           entry.limits.bytes_max == limits.bytes_max;
  });
  if (found != entries_.end()) {
    // A page that was cut by its limits cannot be longer. Others are believed while they hold half
    // of what is there: who is behind must not catch up by small steps.
    const uint64_t there = head.value - next.value + 1;
    if (!found->batch->end || 2 * found->batch->events.size() >= there) {
      counters_.Hits();
      return SharedPage{found->batch, true};
    }
    entries_.erase(found);
  }
  counters_.Misses();
  NEXUS_ASSIGN_OR_RETURN(std::shared_ptr<const EventBatch> batch, Read(next, limits));
  if (entries_.size() == kPagesMax) entries_.pop_front();
  entries_.push_back({next, limits, batch});
  return SharedPage{std::move(batch), true};
}

absl::StatusOr<std::shared_ptr<const EventBatch>> PageShare::Read(Position next,
                                                                  PageLimits limits) {
  NEXUS_ASSIGN_OR_RETURN(EventBatch page, reader_.ReadAll(next, Direction::kForward, limits));
  NEXUS_RETURN_IF_ERROR(CheckPage(page, std::nullopt, next.value));
  return std::make_shared<const EventBatch>(std::move(page));
}

}  // namespace nexus::follow
