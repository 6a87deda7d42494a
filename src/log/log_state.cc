#include "log/log_state.h"

#include <algorithm>

namespace nexus::log {

bool StreamHead::TakeId(const EventId& id, Revision revision) {
  const bool first = revision.value == 0;
  const bool sorted = sorted_count == revision.value && (first || id > last_sorted_id);
  if (sorted) {
    ++sorted_count;
    last_sorted_id = id;
  }
  max_id = first ? id : std::max(max_id, id);
  return sorted;
}

}  // namespace nexus::log
