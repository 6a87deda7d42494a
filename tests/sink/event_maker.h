#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/port/sink.h"

namespace nexus::sink {

// Events that own what they point at, ready to be delivered.
inline OutboundEvent MakeEvent(const std::string& stream, uint64_t revision,
                               const std::string& data = "{\"n\":1}",
                               const std::string& content_type = "application/json") {
  auto batch = std::make_shared<EventBatch>();
  auto texts = std::make_shared<std::vector<std::string>>(
      std::vector<std::string>{stream, data, content_type});
  RecordedEvent event;
  event.position = Position(revision + 1);
  event.revision = Revision(revision);
  event.recorded = Timestamp{1'700'000'000'123'456};
  event.id.bytes[15] = static_cast<uint8_t>(revision);
  event.id.bytes[14] = static_cast<uint8_t>(revision >> 8);
  event.stream = (*texts)[0];
  event.type = "order-paid";
  event.schema_version = 2;
  event.data = (*texts)[1];
  event.content_type = (*texts)[2];
  event.correlation_id = "c-1";
  batch->events.push_back(event);
  batch->backing.push_back(texts);
  return OutboundEvent{&batch->events[0], batch, 0.7, true};
}

// The answers of a sink, in the order in which they came.
class Answers {
 public:
  Sink::Delivered Next() {
    return [this](const absl::StatusOr<Coordinate>& coordinate) {
      absl::MutexLock lock(&mutex_);
      all_.push_back(coordinate.status());
      if (!coordinate.ok()) return;
      places_.push_back(
          absl::StrCat(coordinate->place, "/", coordinate->partition, "/", coordinate->number));
    };
  }
  bool WaitFor(size_t count, absl::Duration timeout = absl::Seconds(60)) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] {
      mutex_.AssertHeld();
      return all_.size() >= count;
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&enough), timeout);
  }
  std::vector<absl::Status> all() {
    absl::MutexLock lock(&mutex_);
    return all_;
  }
  // Of what was delivered, as place/partition/number.
  std::vector<std::string> places() {
    absl::MutexLock lock(&mutex_);
    return places_;
  }
  size_t good() {
    size_t count = 0;
    for (const absl::Status& status : all()) count += status.ok() ? 1 : 0;
    return count;
  }

 private:
  absl::Mutex mutex_;
  std::vector<absl::Status> all_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> places_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::sink
