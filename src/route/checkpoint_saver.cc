#include "route/checkpoint_saver.h"

#include <algorithm>
#include <utility>

#include "follow/submit_soon.h"

namespace nexus::route {
namespace {

constexpr size_t kDeliveriesMax = 100'000;

}  // namespace

CheckpointSaver::CheckpointSaver(CheckpointStore& store, Executor& executor, std::string reader,
                                 Position saved, Options options, EgressLedger* ledger)
    : store_(store),
      ledger_(ledger),
      executor_(executor),
      reader_(std::move(reader)),
      options_(options),
      reached_(saved),
      saved_(saved) {}

void CheckpointSaver::Reach(Position position) {
  absl::MutexLock lock(&mutex_);
  if (position <= reached_) return;
  reached_ = position;
  Schedule();
}

void CheckpointSaver::Record(absl::string_view place, const EgressRow& row) {
  if (ledger_ == nullptr) return;
  absl::MutexLock lock(&mutex_);
  // A disk that does not take them must not cost all memory: what was delivered is delivered.
  if (deliveries_.rows.size() >= kDeliveriesMax) deliveries_ = EgressBatch();
  deliveries_.Add(place, row);
  Schedule();
}

void CheckpointSaver::Schedule() {
  if ((reached_ == saved_ && deliveries_.rows.empty()) || queued_ || saving_) return;
  const uint64_t news = std::max<uint64_t>(reached_.value - saved_.value, deliveries_.rows.size());
  const bool enough = news >= options_.events_max && last_error_.ok();
  if (enough) {
    queued_ = true;
    follow::SubmitSoon(executor_, [weak = weak_from_this()] {
      if (auto saver = weak.lock()) saver->Run();
    });
  } else if (!timer_armed_) {
    timer_armed_ = true;
    executor_.RunAfter(options_.interval, [weak = weak_from_this()] {
      auto saver = weak.lock();
      if (!saver) return;
      {
        absl::MutexLock lock(&saver->mutex_);
        saver->timer_armed_ = false;
      }
      saver->Run();
    });
  }
}

void CheckpointSaver::Run() {
  absl::MutexLock lock(&mutex_);
  queued_ = false;
  if (saving_) return;  // the save under way schedules the next
  Save().IgnoreError();
  Schedule();
}

absl::Status CheckpointSaver::SaveNow() {
  absl::MutexLock lock(&mutex_);
  while (saving_) saved_one_.Wait(&mutex_);
  return Save();
}

absl::Status CheckpointSaver::Save() {
  if (reached_ == saved_ && deliveries_.rows.empty()) return absl::OkStatus();
  saving_ = true;
  const Position position = reached_;
  EgressBatch deliveries = std::exchange(deliveries_, EgressBatch());
  mutex_.Unlock();
  const absl::Status status = deliveries.rows.empty()
                                  ? store_.Save(reader_, position)
                                  : ledger_->Save(reader_, position, deliveries);
  mutex_.Lock();
  saving_ = false;
  last_error_ = status;
  if (status.ok()) {
    saved_ = position;
  } else {
    for (const EgressRow& row : deliveries.rows) {
      deliveries_.Add(deliveries.places[row.place], row);
    }
  }
  saved_one_.SignalAll();
  return status;
}

absl::Status CheckpointSaver::last_error() const {
  absl::MutexLock lock(&mutex_);
  return last_error_;
}

}  // namespace nexus::route
