#include "follow/log_follower.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "follow/page_check.h"
#include "follow/submit_soon.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::follow {

// Shared with tasks and timers, which hold it weakly until they run: a follower may go away while
// its wake-up is queued.
class LogFollower::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(EventReader& reader, HeadSignal& signal, Executor& executor, FollowOptions options)
      : reader_(reader),
        signal_(signal),
        executor_(executor),
        stream_(std::move(options.stream)),
        limits_(options.limits),
        source_(std::move(options.source)),
        share_(std::move(options.share)),
        next_(options.next) {}

  void Next(absl::Duration timeout, NextDone done) {
    absl::MutexLock lock(&mutex_);
    if (state_ == State::kStopped) return;
    done_ = std::move(done);
    timeout_ = timeout;
    timed_out_ = timeout <= absl::ZeroDuration();
    ++turn_;
    if (timed_out_ || MayHaveMore(signal_.head())) {
      Schedule();
      return;
    }
    Wait();
  }

  void Cancel() {
    NextDone dropped;  // destroyed outside the lock: it may own what owns us
    absl::MutexLock lock(&mutex_);
    dropped = CancelLocked();
  }

  void Stop() {
    NextDone dropped;
    absl::MutexLock lock(&mutex_);
    dropped = CancelLocked();
    const auto self = std::this_thread::get_id();
    if (std::find(active_.begin(), active_.end(), self) != active_.end()) return;
    while (!active_.empty()) idle_.Wait(&mutex_);
  }

 private:
  enum class State { kIdle, kWaiting, kScheduled, kRunning, kStopped };
  NextDone CancelLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (state_ == State::kWaiting) signal_.Cancel(wait_);
    state_ = State::kStopped;
    CancelTimer();
    return std::move(done_);
  }

  void CancelTimer() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (timer_) executor_.CancelTimer(*timer_);
    timer_.reset();
  }

  // A stream's events are not told apart by the head, so any move of it may be one.
  bool MayHaveMore(Position head) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stream_ ? !looked_at_ || head > *looked_at_ : head.value >= next_;
  }

  void Schedule() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    state_ = State::kScheduled;
    SubmitSoon(executor_, [weak = weak_from_this()] {
      if (auto core = weak.lock()) core->Run();
    });
  }

  void Wait() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const Position seen = stream_ ? *looked_at_ : Position(next_ - 1);
    const auto wait = signal_.WaitBeyond(seen, [weak = weak_from_this(), turn = turn_] {
      if (auto core = weak.lock()) core->OnWake(turn);
    });
    if (!wait) {
      Schedule();
      return;
    }
    state_ = State::kWaiting;
    wait_ = *wait;
    // Only who really waits needs a timer; it goes on through looks that find nothing.
    if (timer_ || timeout_ == absl::InfiniteDuration()) return;
    timer_ = executor_.RunAfter(timeout_, [weak = weak_from_this(), turn = turn_] {
      if (auto core = weak.lock()) core->OnTimeout(turn);
    });
  }

  void OnWake(uint64_t turn) {
    absl::MutexLock lock(&mutex_);
    if (state_ == State::kWaiting && turn == turn_) Schedule();
  }

  void OnTimeout(uint64_t turn) {
    {
      absl::MutexLock lock(&mutex_);
      if (turn != turn_ || state_ == State::kStopped || state_ == State::kIdle) return;
      timed_out_ = true;
      timer_.reset();
      if (state_ != State::kWaiting) return;  // a look is under way and will see the flag
      signal_.Cancel(wait_);
      state_ = State::kRunning;
      active_.push_back(std::this_thread::get_id());
    }
    Finish(FollowStep{nullptr, signal_.head(), 0});
  }

  void Run() {
    uint64_t next;
    {
      absl::MutexLock lock(&mutex_);
      if (state_ != State::kScheduled) return;
      state_ = State::kRunning;
      active_.push_back(std::this_thread::get_id());
      next = next_;
    }
    // Not before: only now does Stop() wait for this, and the signal may go when it returns.
    const Position head = signal_.head();
    absl::StatusOr<FollowStep> step = Look(head, next);
    if (step.ok() && step->batch == nullptr && KeepWaiting(head)) return;
    Finish(std::move(step));
  }

  // The page at `next`; none if there is none yet.
  absl::StatusOr<FollowStep> Look(Position head, uint64_t next) {
    const FollowStep nothing{nullptr, head, 0};
    if (stream_) {
      const absl::StatusOr<StreamInfo> info = reader_.GetStream(*stream_);
      if (!info.ok()) {
        if (ReasonOf(info.status()) == ErrorReason::kStreamNotFound) return nothing;
        return info.status();
      }
      if (info->last_revision.value < next) return nothing;
    } else if (head.value < next) {
      return nothing;
    }
    absl::StatusOr<FollowStep> step = ReadChecked(next);
    // One transient read error at the wrong place looks like an early end: look twice.
    if (!step.ok() && ReasonOf(step.status()) == ErrorReason::kDataLoss) step = ReadChecked(next);
    return step;
  }

  absl::StatusOr<FollowStep> ReadChecked(uint64_t next) {
    if (source_) return ReadChosen(next);
    if (share_ != nullptr && !stream_) return ReadShared(next);
    absl::StatusOr<EventBatch> page =
        stream_ ? reader_.ReadStream(*stream_, Revision(next), Direction::kForward, limits_)
                : reader_.ReadAll(Position(next), Direction::kForward, limits_);
    if (!page.ok()) return page.status();
    NEXUS_RETURN_IF_ERROR(CheckPage(*page, stream_, next));
    const uint64_t passed = next + page->events.size() - 1;
    return StepOf(*std::move(page), passed);
  }

  absl::StatusOr<FollowStep> ReadChosen(uint64_t next) {
    NEXUS_ASSIGN_OR_RETURN(ChosenPage page, source_(Position(next), limits_));
    NEXUS_RETURN_IF_ERROR(CheckChosenPage(page.batch, next, page.passed));
    return StepOf(std::move(page.batch), page.passed);
  }

  absl::StatusOr<FollowStep> ReadShared(uint64_t next) {
    // Asked before: what was acknowledged by now must not be missing at the "end".
    const Position head = reader_.Head();
    NEXUS_ASSIGN_OR_RETURN(SharedPage page, share_->Page(Position(next), limits_));
    NEXUS_RETURN_IF_ERROR(CheckPage(*page.batch, stream_, next));
    FollowStep step{std::move(page.batch)};
    step.head = std::max(step.batch->head, head);
    step.passed = next + step.batch->events.size() - 1;
    step.at_end = step.batch->end && step.passed >= head.value;
    step.shared = page.shared;
    return step;
  }

  static FollowStep StepOf(EventBatch page, uint64_t passed) {
    const Position head = page.head;
    const bool at_end = page.end;
    return {std::make_shared<const EventBatch>(std::move(page)), head, passed, at_end};
  }

  // After a look that found nothing: true if it goes on waiting (or was stopped).
  bool KeepWaiting(Position head) {
    absl::MutexLock lock(&mutex_);
    looked_at_ = head;
    if (state_ == State::kRunning && timed_out_) return false;
    Leave();
    if (state_ == State::kRunning) Wait();
    return true;
  }

  void Finish(absl::StatusOr<FollowStep> step) {
    NextDone done;
    {
      absl::MutexLock lock(&mutex_);
      if (state_ == State::kRunning) {
        if (step.ok() && step->batch) next_ = step->passed + 1;
        state_ = State::kIdle;
        CancelTimer();
        done = std::move(done_);
      }
    }
    if (done) done(std::move(step));
    done = nullptr;  // what it holds on to goes before Stop() may return
    absl::MutexLock lock(&mutex_);
    Leave();
  }

  void Leave() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto it = std::find(active_.begin(), active_.end(), std::this_thread::get_id());
    active_.erase(it);
    if (active_.empty()) idle_.SignalAll();
  }

  EventReader& reader_;
  HeadSignal& signal_;
  Executor& executor_;
  const std::optional<StreamName> stream_;
  const PageLimits limits_;
  const PageSource source_;
  const std::shared_ptr<PageShare> share_;

  absl::Mutex mutex_;
  absl::CondVar idle_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kIdle;
  uint64_t next_ ABSL_GUARDED_BY(mutex_);
  // Head before the last look at the stream: nothing of it lies between there and `next_`.
  std::optional<Position> looked_at_ ABSL_GUARDED_BY(mutex_);
  NextDone done_ ABSL_GUARDED_BY(mutex_);
  uint64_t turn_ ABSL_GUARDED_BY(mutex_) =
      0;  // counts Next(): late timers and wakes are told apart
  absl::Duration timeout_ ABSL_GUARDED_BY(mutex_);
  bool timed_out_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<Executor::TimerId> timer_ ABSL_GUARDED_BY(mutex_);
  HeadSignal::WaitId wait_ ABSL_GUARDED_BY(mutex_) = 0;
  // Threads that read or run `done` right now: two if a `done` called Next() and is not back yet.
  std::vector<std::thread::id> active_ ABSL_GUARDED_BY(mutex_);
};

LogFollower::LogFollower(EventReader& reader, HeadSignal& signal, Executor& executor,
                         FollowOptions options)
    : core_(std::make_shared<Core>(reader, signal, executor, std::move(options))) {}

LogFollower::~LogFollower() { core_->Stop(); }

void LogFollower::Next(absl::Duration timeout, NextDone done) {
  core_->Next(timeout, std::move(done));
}

void LogFollower::Cancel() { core_->Cancel(); }

void LogFollower::Stop() { core_->Stop(); }

}  // namespace nexus::follow
