#pragma once

// Collects one page of a read within its limits.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "nexus/core/event.h"
#include "nexus/port/event_reader.h"

namespace nexus::storage {

// Bytes that count against PageLimits::bytes_max.
inline size_t CountedBytes(const RecordedEvent& event) {
  size_t bytes = event.data.size();
  for (const absl::string_view tag : event.tags) bytes += tag.size();
  for (const auto& [key, value] : event.metadata) bytes += key.size() + value.size();
  return bytes;
}

class PageBuilder {
 public:
  PageBuilder(PageLimits limits, Position head) : limits_(limits) {
    if (limits_.events_max == 0) limits_.events_max = 1;
    page_.head = head;
  }

  // Keeps `record`, which the following events point into.
  void Keep(std::shared_ptr<const std::string> record) {
    page_.backing.push_back(std::move(record));
  }

  // False, and full() from now on, if `event` does not fit.
  bool Add(RecordedEvent event) {
    const size_t bytes = CountedBytes(event);
    const bool first = page_.events.empty();
    full_ = full_ || (!first && (room() == 0 || bytes_ + bytes > limits_.bytes_max));
    if (full_) return false;
    bytes_ += bytes;
    page_.events.push_back(std::move(event));
    ++settled_;
    return true;
  }

  // For whoever decodes in place: puts events behind those that are here, and then asks which of
  // them stay. Says how many; full() if not all.
  std::vector<RecordedEvent>& events() { return page_.events; }
  size_t Settle() {
    const size_t before = settled_;
    for (; settled_ < page_.events.size() && !full_; ++settled_) {
      const size_t bytes = CountedBytes(page_.events[settled_]);
      full_ = settled_ > 0 && bytes_ + bytes > limits_.bytes_max;
      if (full_) break;
      bytes_ += bytes;
    }
    page_.events.resize(settled_);
    return settled_ - before;
  }

  // How many more events may come.
  size_t room() const { return limits_.events_max - page_.events.size(); }
  bool full() const { return full_ || room() == 0; }

  EventBatch Take(bool end) {
    page_.end = end;
    return std::move(page_);
  }

 private:
  PageLimits limits_;
  EventBatch page_;
  size_t bytes_ = 0;
  size_t settled_ = 0;  // events that are known to fit
  bool full_ = false;
};

}  // namespace nexus::storage
