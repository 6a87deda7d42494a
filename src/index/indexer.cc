#include "index/indexer.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "follow/log_follower.h"
#include "follow/submit_soon.h"

namespace nexus::index {
// Shared with tasks and timers, which hold it weakly. One thing happens at a time: a look (a task
// of its own, then a step of the follower) or a wait for the head and a timer.
class Indexer::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(const IndexerParts& parts, IndexerOptions options)
      : parts_(parts), options_(std::move(options)), metrics_(parts.metrics) {}

  void Start() {
    absl::MutexLock lock(&mutex_);
    LookSoon();
  }

  uint64_t Rebuild() {
    absl::MutexLock lock(&mutex_);
    clear_wanted_ = true;
    if (waiting_) LookSoon();
    return state_.cleared + 1;
  }

  IndexerState State() const {
    absl::MutexLock lock(&mutex_);
    IndexerState state = state_;
    state.indexed_to = parts_.index.IndexedTo();
    state.head = parts_.head.head();
    return state;
  }

  void Stop() {
    std::unique_ptr<follow::LogFollower> follower;  // stopped and destroyed without the lock
    std::unique_ptr<follow::LogFollower> retired;
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    EndWait();
    mutex_.Await(absl::Condition(this, &Core::NotLooking));
    follower = std::move(follower_);
    retired = std::move(retired_);
  }

 private:
  struct Metrics {
    explicit Metrics(MetricsRegistry& registry)
        : batches(
              registry.GetCounter("nexus_index_batches_total", "Batches of events indexed.", {})),
          events(registry.GetCounter("nexus_index_events_total", "Events indexed.", {})),
          position(registry.GetGauge("nexus_index_position",
                                     "Everything up to this position is indexed.", {})),
          lag(registry.GetGauge("nexus_index_lag_events", "Events that are not indexed yet.", {})) {
    }

    Counter& batches;
    Counter& events;
    Gauge& position;
    Gauge& lag;
  };

  bool NotLooking() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !looking_; }

  void LookSoon() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    EndWait();
    follow::SubmitSoon(parts_.workers, [weak = weak_from_this()] {
      if (auto core = weak.lock()) core->Look();
    });
  }

  // On a worker.
  void Look() {
    bool clear = false;
    std::unique_ptr<follow::LogFollower> retired;
    {
      absl::MutexLock lock(&mutex_);
      if (stopped_) return;
      retired = std::move(retired_);
      looking_ = true;
      clear = std::exchange(clear_wanted_, false);
    }
    retired.reset();
    const absl::Status cleared = ClearIf(clear);
    absl::MutexLock lock(&mutex_);
    looking_ = false;
    if (stopped_) return;
    if (!cleared.ok()) {
      clear_wanted_ = clear_wanted_ || clear;
      Failed(cleared);
      return;
    }
    if (follower_ == nullptr) {
      auto start = follow::FollowOptions::WholeLogAfter(parts_.index.IndexedTo());
      start.limits = options_.batch;
      follower_ = std::make_unique<follow::LogFollower>(parts_.reader, parts_.head, parts_.workers,
                                                        std::move(start));
    }
    follower_->Next(absl::ZeroDuration(),
                    [this](absl::StatusOr<follow::FollowStep> step) { OnStep(std::move(step)); });
  }

  // Where it is asked for, or where the index knows more than there is.
  absl::Status ClearIf(bool wanted) {
    const Position indexed = parts_.index.IndexedTo();
    const Position head = parts_.head.head();
    if (!wanted && indexed <= head) return absl::OkStatus();
    if (!wanted) {
      Notice(absl::StrCat("the index knows positions up to ", indexed.value, ", the log ends at ",
                          head.value, ": it is built again"));
    }
    std::unique_ptr<follow::LogFollower> old;
    {
      absl::MutexLock lock(&mutex_);
      old = std::move(follower_);
    }
    old.reset();
    absl::Status cleared = parts_.index.Clear();
    absl::MutexLock lock(&mutex_);
    if (cleared.ok()) ++state_.cleared;
    return cleared;
  }

  // On a worker, in the follower.
  void OnStep(absl::StatusOr<follow::FollowStep> step) {
    absl::Status status = step.status();
    if (status.ok() && step->batch) {
      status = parts_.index.Add(step->batch->events);
      if (status.ok()) {
        metrics_.batches.Add(1);
        metrics_.events.Add(static_cast<double>(step->batch->events.size()));
      }
    }
    const Position indexed = parts_.index.IndexedTo();
    const Position head = parts_.head.head();
    metrics_.position.Set(static_cast<double>(indexed.value));
    metrics_.lag.Set(head > indexed ? static_cast<double>(head.value - indexed.value) : 0);
    absl::MutexLock lock(&mutex_);
    if (stopped_) return;
    if (!status.ok()) {
      Failed(status);
      return;
    }
    if (!state_.error.ok()) Notice("the index comes on again");
    state_.error = absl::OkStatus();
    if (clear_wanted_) {
      LookSoon();
    } else {
      Gather(indexed, head);
    }
  }

  void Failed(const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (state_.error.ok()) {
      Notice(absl::StrCat("the index does not come on, reads look at the log: ", why.message()));
    }
    state_.error = why;
    // What the index knows now decides where it goes on; the old cursor may be elsewhere. It goes
    // away on a task of its own, since this may be a callback of it.
    retired_ = std::move(follower_);
    waiting_ = true;
    ++turn_;
    timer_ = After(options_.retry_after);
  }

  // Waits until enough has come together.
  void Gather(Position indexed, Position head) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ++turn_;
    waiting_ = true;
    const bool some = head > indexed;
    const Position seen = some ? indexed.Plus(options_.events_min - 1) : indexed;
    const auto wait = parts_.head.WaitBeyond(seen, [weak = weak_from_this(), turn = turn_] {
      if (auto core = weak.lock()) core->OnHead(turn);
    });
    if (!wait.has_value()) {
      if (some) {
        LookSoon();
      } else {
        Gather(indexed, parts_.head.head());
      }
      return;
    }
    wait_ = *wait;
    if (some) timer_ = After(options_.delay_max);
  }

  Executor::TimerId After(absl::Duration delay) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return parts_.workers.RunAfter(delay, [weak = weak_from_this(), turn = turn_] {
      if (auto core = weak.lock()) core->OnTimer(turn);
    });
  }

  // The log has grown: by a whole batch, or by a first event after a rest.
  void OnHead(uint64_t turn) {
    absl::MutexLock lock(&mutex_);
    if (stopped_ || !waiting_ || turn != turn_) return;
    wait_.reset();
    const bool gathered = timer_.has_value();
    EndWait();
    if (gathered) {
      LookSoon();
    } else {
      Gather(parts_.index.IndexedTo(), parts_.head.head());
    }
  }

  void OnTimer(uint64_t turn) {
    absl::MutexLock lock(&mutex_);
    if (stopped_ || !waiting_ || turn != turn_) return;
    timer_.reset();
    LookSoon();
  }

  void EndWait() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    waiting_ = false;
    ++turn_;
    if (wait_) parts_.head.Cancel(*wait_);
    if (timer_) parts_.workers.CancelTimer(*timer_);
    wait_.reset();
    timer_.reset();
  }

  void Notice(const std::string& what) const {
    if (options_.on_notice) options_.on_notice(what);
  }

  const IndexerParts parts_;
  const IndexerOptions options_;
  Metrics metrics_;

  mutable absl::Mutex mutex_;
  IndexerState state_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool looking_ ABSL_GUARDED_BY(mutex_) = false;  // Look() is under way
  bool waiting_ ABSL_GUARDED_BY(mutex_) = false;
  bool clear_wanted_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t turn_ ABSL_GUARDED_BY(mutex_) = 0;  // late wakes and timers are told apart
  std::optional<follow::HeadSignal::WaitId> wait_ ABSL_GUARDED_BY(mutex_);
  std::optional<Executor::TimerId> timer_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<follow::LogFollower> retired_ ABSL_GUARDED_BY(mutex_);
  // Replaced by Look() alone, while nothing of the old one runs.
  std::unique_ptr<follow::LogFollower> follower_ ABSL_GUARDED_BY(mutex_);
};

Indexer::Indexer(const IndexerParts& parts, IndexerOptions options)
    : core_(std::make_shared<Core>(parts, std::move(options))) {}

Indexer::~Indexer() { core_->Stop(); }

void Indexer::Start() { core_->Start(); }
uint64_t Indexer::Rebuild() { return core_->Rebuild(); }
IndexerState Indexer::State() const { return core_->State(); }
void Indexer::Stop() { core_->Stop(); }

}  // namespace nexus::index
