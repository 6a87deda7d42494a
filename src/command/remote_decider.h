#pragma once

// Has commands decided by workers elsewhere: one command of a stream at a time, by a worker that
// has room, the one that had the stream before if that is possible. docs/reference/handlers.md,
// docs/decisions/0018-tasks-for-workers.md.
//
// Thread-safe. The parts must outlive it, Stop() before they end; what the executor still has of it
// does nothing then. Held by shared_ptr, because connections and reads may outlive its owner.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "command/command_call.h"
#include "command/command_metrics.h"
#include "command/remote/placements.h"
#include "command/remote/worker_roster.h"
#include "command/remote_job.h"
#include "command/remote_metrics.h"
#include "command/remote_options.h"
#include "command/turn_pace.h"
#include "engine/engine.h"
#include "nexus/core/id_source.h"
#include "nexus/port/commit_locator.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/json_reader.h"

namespace nexus::command {

struct RemoteParts {
  engine::Engine& engine;
  EventReader& reader;
  CommitLocator& locator;
  JsonReader& json;
  IdSource& ids;
  const CommandMetrics& metrics;
};

struct WorkerWelcome {
  WorkerId id = 0;
  std::string session;
  size_t tasks_max = 1;
};

class RemoteDecider : public std::enable_shared_from_this<RemoteDecider> {
 public:
  RemoteDecider(const RemoteParts& parts, const RemoteOptions& options);

  // OVERLOADED, DRAINING; then nothing has happened to `call`.
  absl::Status Submit(CommandCallPtr call) ABSL_LOCKS_EXCLUDED(mutex_);

  // A worker that may decide what its profile says. It hears of tasks through `port` from the
  // moment that Serve() is called. OVERLOADED, DRAINING.
  absl::StatusOr<WorkerWelcome> Join(WorkerProfile profile, std::shared_ptr<WorkerPort> port)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Serve(WorkerId id) ABSL_LOCKS_EXCLUDED(mutex_);
  void Answered(WorkerId id, WorkerAnswer answer) ABSL_LOCKS_EXCLUDED(mutex_);
  void Alive(WorkerId id) ABSL_LOCKS_EXCLUDED(mutex_);
  // No new tasks; its port is ended when it has answered those that it has.
  void Drain(WorkerId id) ABSL_LOCKS_EXCLUDED(mutex_);
  // It has gone; its tasks are given to others. Again does nothing.
  void Leave(WorkerId id) ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes no more commands; those under way have `stop_patience` to be decided. Then ends all
  // ports.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  const RemoteOptions& options() const { return options_; }

 private:
  using Later = RemoteLater;
  using Phase = RemoteJob::Phase;

  // One message of a task to be read and sent.
  struct PageStep {
    RemoteJobPtr job;
    uint64_t turn = 0;
    WorkerId worker = 0;
    std::shared_ptr<WorkerPort> port;
    std::string task_id;
    TaskPage page;
    std::optional<Revision> after;  // the last event that was sent
  };
  using PageStepPtr = std::shared_ptr<PageStep>;
  struct PageEvents {
    std::vector<std::string> views;
    std::optional<Revision> last;
    bool end = false;
  };

  // A stream with a command under way, and the commands that wait for it.
  struct Lane {
    std::deque<CommandCallPtr> waiting = {};
    absl::Duration turn_since = {};
    TurnPace pace = {};
  };

  // Changes the state, then does what follows from it.
  template <typename Change>
  void Step(Change change) ABSL_LOCKS_EXCLUDED(mutex_) {
    Later later;
    {
      absl::MutexLock lock(&mutex_);
      change(later);
    }
    later.Run();
  }

  absl::Status Enter(CommandCallPtr call, Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LeaveLane(const CommandCall& call, Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Begin(const RemoteJobPtr& job, Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Seek(const RemoteJobPtr& job, Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SeekAgain(const RemoteJobPtr& job, Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Assign(const RemoteJobPtr& job, ConnectedWorker& worker, Later& later)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GiveTasks(ConnectedWorker& worker, Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  RemoteJobPtr TakeSeeker(const ConnectedWorker& worker) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whose answer is `status`, once the lock is free.
  void Fail(const RemoteJobPtr& job, absl::Status status, Later& later)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Finish(const RemoteJobPtr& job, absl::StatusOr<CommandReceipt> receipt, Later& later)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // remote_sending.cc
  void ReadLater(PageStepPtr step, Later& later);
  void ReadAndSend(const PageStepPtr& step) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<PageEvents> ReadPage(const PageStep& step) const;
  void FillFirst(const RemoteJob& job, TaskPage& page) const;
  // Whether the page may leave.
  bool TakePage(PageStep& step, absl::StatusOr<PageEvents> events, Later& later)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Withdraw(const RemoteJobPtr& job, absl::Status why, Later& later)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void PageSent(const PageStepPtr& step, bool ok) ABSL_LOCKS_EXCLUDED(mutex_);

  // remote_answers.cc
  void TakeAnswer(ConnectedWorker& worker, WorkerAnswer answer, Later& later)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void IgnoreAnswer(ConnectedWorker& worker, const WorkerAnswer& answer, Later& later)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NeedsEvents(const RemoteJobPtr& job, ConnectedWorker& worker, Later& later)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Conclude(const RemoteJobPtr& job, WorkerAnswer answer, const std::string& handler,
                Later& later) ABSL_LOCKS_EXCLUDED(mutex_);
  void Store(const RemoteJobPtr& job, WorkerAnswer answer, const std::string& handler);
  void Refused(const RemoteJobPtr& job, absl::Status why, Later& later) ABSL_LOCKS_EXCLUDED(mutex_);
  // The first answer if the command was stored before, else `otherwise`. Reads from disk elsewhere.
  void FinishUnlessRepeated(const RemoteJobPtr& job, absl::StatusOr<CommandReceipt> otherwise,
                            Later& later);
  void DecideAgain(const RemoteJobPtr& job, Later& later) ABSL_LOCKS_EXCLUDED(mutex_);

  // remote_workers.cc
  void Part(WorkerId id, const absl::Status& why, Later& later)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndIfDrained(const ConnectedWorker& worker, Later& later)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GiveUpTask(const RemoteJobPtr& job, absl::string_view outcome, Later& later)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void KeepSweeping() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Sweep() ABSL_LOCKS_EXCLUDED(mutex_);
  void SweepSeekers(absl::Duration now, Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SweepTasks(absl::Duration now, Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SweepWorkers(absl::Duration now, Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FailAll(Later& later) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Duration Now() const { return parts_.engine.clock().Monotonic(); }

  const RemoteParts parts_;
  const RemoteOptions options_;
  const RemoteMetrics metrics_;

  absl::Mutex mutex_;
  size_t open_ ABSL_GUARDED_BY(mutex_) = 0;                               // calls without an answer
  absl::flat_hash_map<std::string, Lane> lanes_ ABSL_GUARDED_BY(mutex_);  // by stream
  // By aggregate: what is expected of a stream that nobody waited for.
  absl::flat_hash_map<std::string, SharedPace> paces_ ABSL_GUARDED_BY(mutex_);
  // By aggregate, in the order of their seeking.
  absl::flat_hash_map<std::string, std::list<RemoteJobPtr>> seeking_ ABSL_GUARDED_BY(mutex_);
  uint64_t last_place_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t seekers_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, RemoteJobPtr> tasks_ ABSL_GUARDED_BY(mutex_);  // by task id
  WorkerRoster roster_ ABSL_GUARDED_BY(mutex_);
  Placements placements_ ABSL_GUARDED_BY(mutex_);
  bool sweeping_ ABSL_GUARDED_BY(mutex_) = false;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace nexus::command
