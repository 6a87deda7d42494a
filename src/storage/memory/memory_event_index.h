#pragma once

// An index that lives as long as the process: for embedding, and the model of the durable one.
//
// Thread-safe. Grows with what is indexed.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "nexus/core/errors.h"
#include "nexus/port/event_index.h"

namespace nexus::storage {

class MemoryEventIndex : public EventIndex {
 public:
  Position IndexedTo() const override {
    absl::MutexLock lock(&mutex_);
    return indexed_to_;
  }

  absl::StatusOr<std::vector<Position>> Find(const IndexTerm& term, PositionRange range,
                                             Direction direction, size_t max) override {
    absl::MutexLock lock(&mutex_);
    if (range.last > indexed_to_) {
      return MakeError(ErrorReason::kNotReady,
                       absl::StrCat("position ", range.last.value, " is not indexed yet"));
    }
    const auto row = postings_.find(term);
    if (row == postings_.end()) return std::vector<Position>();
    const std::vector<Position>& all = row->second;
    const auto begin = std::lower_bound(all.begin(), all.end(), range.first);
    const auto end = std::upper_bound(all.begin(), all.end(), range.last);
    if (begin >= end) return std::vector<Position>();
    std::vector<Position> found(begin, end);
    if (direction == Direction::kBackward) std::reverse(found.begin(), found.end());
    if (found.size() > max) found.resize(max);
    return found;
  }

  absl::Status Add(absl::Span<const RecordedEvent> events) override {
    absl::MutexLock lock(&mutex_);
    Position next = indexed_to_.Next();
    for (const RecordedEvent& event : events) {
      if (event.position != next) {
        return MakeError(ErrorReason::kInternal,
                         absl::StrCat("the index ends at ", indexed_to_.value,
                                      " and was given position ", event.position.value));
      }
      next = next.Next();
    }
    for (const RecordedEvent& event : events) {
      ForEachTerm(event, [this, &event](IndexTerm::Kind kind, absl::string_view text) {
        std::vector<Position>& row = postings_[{kind, std::string(text)}];
        if (row.empty() || row.back() != event.position) row.push_back(event.position);
      });
    }
    if (!events.empty()) indexed_to_ = events.back().position;
    return absl::OkStatus();
  }

  absl::Status Clear() override {
    absl::MutexLock lock(&mutex_);
    postings_.clear();
    indexed_to_ = Position();
    return absl::OkStatus();
  }

 private:
  mutable absl::Mutex mutex_;
  std::map<IndexTerm, std::vector<Position>> postings_ ABSL_GUARDED_BY(mutex_);
  Position indexed_to_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::storage
