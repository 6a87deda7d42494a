#pragma once

// SinkDelivery: brings the events of the log that are meant for one sink to it, in order a stream,
// at least once, whatever fails.
//
// A follower reads, the lane book decides what may go, one thread at a time hands over, the
// checkpoint follows what is done. Reading stops at the bounds; the log absorbs the rest. A failure
// of the whole sink opens the breaker; one of a single event holds up its own stream only.
//
// Thread-safe. Made by std::make_shared: tasks under way hold on to it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "follow/head_signal.h"
#include "follow/log_follower.h"
#include "nexus/core/clock.h"
#include "nexus/core/id_source.h"
#include "nexus/port/checkpoint_store.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "nexus/port/metrics.h"
#include "nexus/port/sink.h"
#include "route/breaker.h"
#include "route/checkpoint_saver.h"
#include "route/declaration/criticality.h"
#include "route/dead_letters.h"
#include "route/lane_book.h"
#include "route/route_metrics.h"

namespace nexus::route {

// What the router stands on. All must outlive it and the executor's last task.
struct RouteContext {
  EventReader& reader;
  follow::HeadSignal& signal;
  Executor& executor;
  const Clock& clock;
  IdSource& ids;
  CheckpointStore& checkpoints;
  MetricsRegistry& metrics;
  // Null: no event is given up; its lane stays blocked and is tried again for ever.
  DeadLetterWriter* dead_letters = nullptr;
};

struct DeliveryOptions {
  enum class Start { kBeginning, kEnd };

  Start start = Start::kBeginning;      // for a sink without a checkpoint
  size_t pending_events_max = 4'096;    // read and not done with
  size_t pending_bytes_max = 16 << 20;  // of the pages that hold them, plus one page
  PageLimits page = {.events_max = 512, .bytes_max = 256 << 10};
  LaneBook::Options lanes = {};
  Breaker::Options breaker = {};
  absl::Duration retry_base = absl::Milliseconds(100);  // for an event that was refused
  absl::Duration retry_max = absl::Seconds(1);
  CheckpointSaver::Options checkpoint = {};
};

struct SinkStatus {
  std::string sink;
  std::string route;  // "critical", "standard", "all"
  Position checkpoint;
  Position head;
  uint64_t lag_events = 0;
  absl::Duration lag;  // age of the oldest event that is not done with
  // Since the start.
  uint64_t delivered = 0;
  uint64_t failed = 0;   // reports other than OK
  uint64_t retried = 0;  // handed over again
  uint64_t dead_lettered = 0;
  size_t pending = 0;    // read and not done with
  size_t in_flight = 0;  // with the sink
  size_t blocked_lanes = 0;
  size_t parked_lanes = 0;
  Breaker::State breaker = Breaker::State::kClosed;
  absl::Status health;      // the sink's own word
  absl::Status last_error;  // the last failed report, read or save; OK once delivery goes on
};

class SinkDelivery : public std::enable_shared_from_this<SinkDelivery> {
 public:
  // Delivers critical events, standard events, or both. `rules` and `sink` must outlive it.
  struct Meant {
    bool critical = true;
    bool standard = true;
  };

  SinkDelivery(const RouteContext& context, const CriticalityRules& rules, Sink& sink, Meant meant,
               DeliveryOptions options);

  // Loads the checkpoint and begins. POSITION_BEYOND_HEAD if it lies beyond the head: the log was
  // restored to an earlier state, and somebody has to decide what the sink has seen. Reads from
  // disk.
  absl::Status Start() ABSL_LOCKS_EXCLUDED(mutex_);

  // Stops reading, flushes the sink for `timeout` at most, saves the checkpoint. What was not
  // acknowledged is delivered again after the next start.
  absl::Status Stop(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mutex_);

  SinkStatus Status() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct PumpStep {
    std::vector<LaneDuty> duties;
    std::optional<LaneBook::Handover> handover;
  };

  absl::Status LoadParked(LaneBook& book);
  void ReadMore() ABSL_LOCKS_EXCLUDED(mutex_);
  void OnStep(absl::StatusOr<follow::FollowStep> step) ABSL_LOCKS_EXCLUDED(mutex_);
  void AdmitPage() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AdmitEvent(const RecordedEvent& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddDuty(LaneDuty duty) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void SchedulePump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Pump() ABSL_LOCKS_EXCLUDED(mutex_);
  std::optional<PumpStep> NextStep() ABSL_LOCKS_EXCLUDED(mutex_);
  void LeavePump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void HandOver(LaneBook::Handover handover) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnReport(Position position, Timestamp recorded, const absl::Status& status)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void OnSinkFailure() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void Perform(const LaneDuty& duty) ABSL_LOCKS_EXCLUDED(mutex_);
  void WriteDeadLetter(const std::string& lane) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDeadLetter(const std::string& lane, const absl::Status& status)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void ShowGauges() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration Lag() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // After `delay`, on the executor, if this still lives.
  void Later(absl::Duration delay, void (SinkDelivery::*what)(std::string), std::string lane);
  void RetryLane(std::string lane) ABSL_LOCKS_EXCLUDED(mutex_);
  void RetryDeadLetter(std::string lane) ABSL_LOCKS_EXCLUDED(mutex_);
  void ProbeSink(std::string) ABSL_LOCKS_EXCLUDED(mutex_);
  void RetryRead(std::string) ABSL_LOCKS_EXCLUDED(mutex_);
  void Tick(std::string) ABSL_LOCKS_EXCLUDED(mutex_);

  RouteContext context_;
  const CriticalityRules& rules_;
  Sink& sink_;
  const Meant meant_;
  const std::string route_;
  const DeliveryOptions options_;
  const std::string reader_name_;
  RouteMetrics metrics_;
  // Set by Start(), constant from then on.
  std::shared_ptr<CheckpointSaver> saver_;
  std::unique_ptr<follow::LogFollower> follower_;

  absl::Mutex mutex_;
  absl::CondVar quiet_;
  std::optional<LaneBook> book_ ABSL_GUARDED_BY(mutex_);
  Breaker breaker_ ABSL_GUARDED_BY(mutex_);
  std::vector<LaneDuty> duties_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const EventBatch> page_ ABSL_GUARDED_BY(mutex_);  // null: all of it is admitted
  std::shared_ptr<const void> page_pin_ ABSL_GUARDED_BY(mutex_);
  size_t page_next_ ABSL_GUARDED_BY(mutex_) = 0;
  // Bytes of the pages that pending events hold on to, under mutex_. Shared with their deleters;
  // clang's analysis takes raw pointers only.
  const std::shared_ptr<size_t> pinned_bytes_;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool pumping_ ABSL_GUARDED_BY(mutex_) = false;  // a thread hands over
  bool pump_queued_ ABSL_GUARDED_BY(mutex_) = false;
  bool tick_armed_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t failed_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t retried_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status last_error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::route
