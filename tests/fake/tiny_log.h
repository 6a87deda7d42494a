#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "nexus/core/errors.h"
#include "nexus/port/event_reader.h"

namespace nexus::fake {

// The least that can be followed: a list of events. Append() answers the new head; whoever tests
// publishes it. Faults are scripted. Thread-safe.
class TinyLog : public EventReader {
 public:
  struct Draft {
    std::string stream;
    std::string type = "thing-happened";
    std::string data = "{}";
    RoutingHints routing = {};
    std::string content_type = "application/json";
    Timestamp recorded = {};  // 0: a microsecond after the one before
  };

  Position Append(const std::string& stream) { return Append(Draft{.stream = stream}); }
  Position Append(Draft draft) {
    absl::MutexLock lock(&mutex_);
    auto stored = std::make_shared<Stored>();
    stored->draft = std::move(draft);
    std::vector<size_t>& places = streams_[stored->draft.stream];
    RecordedEvent& event = stored->event;
    event.position = Position(log_.size() + 1);
    event.revision = Revision(places.size());
    event.recorded = Timestamp{1'700'000'000'000'000 + static_cast<int64_t>(log_.size())};
    if (stored->draft.recorded.micros != 0) event.recorded = stored->draft.recorded;
    event.id.bytes[15] = static_cast<uint8_t>(log_.size() + 1);
    event.id.bytes[14] = static_cast<uint8_t>((log_.size() + 1) >> 8);
    event.stream = stored->draft.stream;
    event.type = stored->draft.type;
    event.data = stored->draft.data;
    event.content_type = stored->draft.content_type;
    event.routing = stored->draft.routing;
    event.schema_version = 1;
    places.push_back(log_.size());
    log_.push_back(std::move(stored));
    return Position(log_.size());
  }

  // The next `reads` pages leave out `position`, as a bad disk might.
  void HidePosition(Position position, int reads) {
    absl::MutexLock lock(&mutex_);
    hidden_ = position;
    hide_reads_ = reads;
  }
  void FailNextRead(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    next_read_ = std::move(status);
  }
  int reads() const {
    absl::MutexLock lock(&mutex_);
    return reads_;
  }

  Position Head() const override {
    absl::MutexLock lock(&mutex_);
    return Position(log_.size());
  }

  absl::StatusOr<EventBatch> ReadAll(Position from, Direction, PageLimits limits) override {
    absl::MutexLock lock(&mutex_);
    std::vector<size_t> places;
    for (size_t i = from.value - 1; i < log_.size(); ++i) places.push_back(i);
    return Page(places, limits);
  }

  absl::StatusOr<EventBatch> ReadStream(const StreamName& stream, Revision from, Direction,
                                        PageLimits limits) override {
    absl::MutexLock lock(&mutex_);
    const auto it = streams_.find(stream.str());
    if (it == streams_.end()) return NoStream(stream);
    const size_t skip = std::min<size_t>(from.value, it->second.size());
    return Page({it->second.begin() + static_cast<ptrdiff_t>(skip), it->second.end()}, limits);
  }

  absl::StatusOr<EventBatch> ReadAt(absl::Span<const Position>, PageLimits) override {
    return MakeError(ErrorReason::kUnimplemented, "not needed here");
  }
  absl::StatusOr<Position> FirstRecordedAt(Timestamp) override {
    return MakeError(ErrorReason::kUnimplemented, "not needed here");
  }

  absl::StatusOr<StreamInfo> GetStream(const StreamName& stream) override {
    absl::MutexLock lock(&mutex_);
    const auto it = streams_.find(stream.str());
    if (it == streams_.end()) return NoStream(stream);
    StreamInfo info;
    info.name = stream.str();
    info.last_revision = Revision(it->second.size() - 1);
    return info;
  }

  absl::StatusOr<StreamPage> ListStreams(const StreamQuery&) override {
    return MakeError(ErrorReason::kUnimplemented, "not needed here");
  }

 private:
  struct Stored {
    Draft draft;
    RecordedEvent event;
  };

  static absl::Status NoStream(const StreamName& stream) {
    return MakeError(ErrorReason::kStreamNotFound, stream.str());
  }

  absl::StatusOr<EventBatch> Page(const std::vector<size_t>& places, PageLimits limits)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ++reads_;
    if (!next_read_.ok()) return std::exchange(next_read_, absl::OkStatus());
    EventBatch page;
    page.head = Position(log_.size());
    size_t bytes = 0;
    for (size_t place : places) {
      const std::shared_ptr<Stored>& stored = log_[place];
      if (hide_reads_ > 0 && stored->event.position == hidden_) continue;
      bytes += stored->event.data.size();
      if (!page.events.empty() &&
          (page.events.size() >= limits.events_max || bytes > limits.bytes_max)) {
        break;
      }
      page.events.push_back(stored->event);
      page.backing.push_back(stored);
    }
    if (hide_reads_ > 0) --hide_reads_;
    page.end = places.empty() ||
               (!page.events.empty() && page.events.back().position.value == places.back() + 1);
    return page;
  }

  mutable absl::Mutex mutex_;
  std::vector<std::shared_ptr<Stored>> log_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<size_t>> streams_ ABSL_GUARDED_BY(mutex_);
  Position hidden_ ABSL_GUARDED_BY(mutex_);
  int hide_reads_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status next_read_ ABSL_GUARDED_BY(mutex_);
  int reads_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace nexus::fake
