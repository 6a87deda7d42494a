#pragma once

// SinkDelivery: brings the events of the log that a route matches to its sink, in order a stream,
// at least once, whatever fails.
//
// A follower reads, the lane book decides what may go, one thread at a time hands over, the
// checkpoint follows what is done. Reading stops at the bounds; the log absorbs the rest. A failure
// of the whole sink opens the breaker; one of a single event holds up its own stream only.
//
// Thread-safe. Made by std::make_shared: tasks under way hold on to it.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "follow/log_follower.h"
#include "nexus/port/sink.h"
#include "route/delivery_plan.h"
#include "route/pace/append_pace.h"
#include "route/pace/lag_meter.h"
#include "route/route_metrics.h"

namespace nexus::route {

class SinkDelivery : public std::enable_shared_from_this<SinkDelivery> {
 public:
  // `sink` must outlive it. `finished` runs on the executor when everything up to `plan.until` is
  // done with.
  SinkDelivery(RouteContext context, Sink& sink, DeliveryPlan plan,
               std::function<void()> finished = nullptr);

  // Loads the checkpoint and begins. POSITION_BEYOND_HEAD if it lies beyond the head: the log was
  // restored to an earlier state, and somebody has to decide what the sink has seen. Reads from
  // disk.
  absl::Status Start() ABSL_LOCKS_EXCLUDED(mutex_);

  // Stops reading, flushes the sink for `timeout` at most, saves the checkpoint. What was not
  // acknowledged is delivered again after the next start.
  absl::Status Stop(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mutex_);

  // Somebody decided that an open lane goes on. Reads from disk, on the executor.
  void Retry(OpenLane lane) ABSL_LOCKS_EXCLUDED(mutex_);

  SinkStatus Status() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct PumpStep {
    std::vector<LaneDuty> duties;
    std::vector<RecoveryDuty> recoveries;
    std::optional<LaneBook::Handover> handover;
  };

  // What a report is about.
  struct Sent {
    Position position;
    Timestamp recorded;
    bool critical = false;
    double score = 0;
    uint64_t rules = 0;
    bool again = false;  // it was handed over before
    bool stamped = true;
  };

  absl::StatusOr<Position> LoadCheckpoint();
  absl::StatusOr<Position> StartPosition() const;
  absl::StatusOr<std::vector<OpenLane>> LoadParked(LaneBook& book);
  void ReadMore() ABSL_LOCKS_EXCLUDED(mutex_);
  void OnStep(absl::StatusOr<follow::FollowStep> step) ABSL_LOCKS_EXCLUDED(mutex_);
  void AdmitPage() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AdmitEvent(const RecordedEvent& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LearnRules(const RecordedEvent& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Nothing if the route does not match it.
  std::optional<OutboundEvent> Outbound(const RecordedEvent& event, const Classification& rules,
                                        std::shared_ptr<const EventBatch> batch) const;
  void Reached() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddDuty(LaneDuty duty) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void SchedulePump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Pump(int handovers_max) ABSL_LOCKS_EXCLUDED(mutex_);
  std::optional<PumpStep> NextStep() ABSL_LOCKS_EXCLUDED(mutex_);
  void LeavePump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void HandOver(LaneBook::Handover handover) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnReport(const Sent& sent, const absl::StatusOr<Coordinate>& coordinate)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void TakeReport(const Sent& sent, const absl::StatusOr<Coordinate>& coordinate)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CountDelivered(const Sent& sent, const Coordinate& coordinate)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnSinkFailure() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void Perform(const LaneDuty& duty) ABSL_LOCKS_EXCLUDED(mutex_);
  void WriteDeadLetter(const std::string& lane) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDeadLetter(const std::string& lane, const absl::Status& status)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Perform(const RecoveryDuty& duty) ABSL_LOCKS_EXCLUDED(mutex_);
  void ReadLane(const std::string& lane, Revision from) ABSL_LOCKS_EXCLUDED(mutex_);
  void TakeLanePage(const std::string& lane, Revision from, EventBatch page)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void RetryLater(OpenLane lane);
  void RetryOne(const OpenLane& lane) ABSL_LOCKS_EXCLUDED(mutex_);
  void ShowGauges() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration Lag() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // How the route stands, to those who append; nothing of it if nobody asks.
  void WatchPace() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MeterHandover(const LaneBook::Handover& handover) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MeterReport(const Sent& sent, bool delivered) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ArmPace() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellPace(std::string) ABSL_LOCKS_EXCLUDED(mutex_);

  // After `delay`, on the executor, if this still lives.
  void Later(absl::Duration delay, void (SinkDelivery::*what)(std::string), std::string lane);
  void RetryLane(std::string lane) ABSL_LOCKS_EXCLUDED(mutex_);
  void RetryDeadLetter(std::string lane) ABSL_LOCKS_EXCLUDED(mutex_);
  void ProbeSink(std::string) ABSL_LOCKS_EXCLUDED(mutex_);
  void RetryRead(std::string) ABSL_LOCKS_EXCLUDED(mutex_);
  void Tick(std::string) ABSL_LOCKS_EXCLUDED(mutex_);

  RouteContext context_;
  Sink& sink_;
  const DeliveryPlan plan_;
  const std::string reader_name_;
  // Where a stream has one event or one run on its way, its next goes with the thread that brings
  // the answer: a hop to another thread would be part of every round trip.
  const bool pumps_on_reports_;
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
  ClassificationPtr rules_ ABSL_GUARDED_BY(mutex_);  // of the next event
  std::function<void()> finished_ ABSL_GUARDED_BY(mutex_);
  bool read_to_end_ ABSL_GUARDED_BY(mutex_) = false;  // up to plan_.until
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool pumping_ ABSL_GUARDED_BY(mutex_) = false;  // a thread hands over
  bool pump_queued_ ABSL_GUARDED_BY(mutex_) = false;
  bool tick_armed_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool short_turn_ ABSL_GUARDED_BY(mutex_) = false;  // after an answer
  uint64_t short_turns_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t matched_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t failed_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t retried_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status last_error_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<AppendPace::Route> pace_ ABSL_GUARDED_BY(mutex_);  // null: nobody asks
  LagMeter meter_ ABSL_GUARDED_BY(mutex_);
  bool pace_armed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace nexus::route
