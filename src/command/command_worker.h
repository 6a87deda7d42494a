#pragma once

// Decides commands on one thread, with a script engine's context of its own. The commands to one
// aggregate all come to one worker and are decided one after the other, in the order of their
// coming; while one is being stored, those to other aggregates go on.
//
// Thread-safe. The parts must outlive it; Stop() before they end.

#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "command/aggregate_code.h"
#include "command/aggregate_loader.h"
#include "command/command_call.h"
#include "command/command_metrics.h"
#include "command/decision.h"
#include "command/live_aggregate.h"
#include "command/snapshot_desk.h"
#include "domain/upcast/script_runner.h"
#include "engine/engine.h"
#include "nexus/core/clock.h"
#include "nexus/core/id_source.h"
#include "nexus/port/commit_locator.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/json_reader.h"
#include "nexus/port/upcaster.h"
#include "script/script_engine.h"

namespace nexus::command {

struct CommandWorkerParts {
  engine::Engine& engine;
  EventReader& reader;
  CommitLocator& locator;
  script::ScriptEngine& scripts;
  JsonReader& json;
  IdSource& ids;
  const CommandMetrics& metrics;
  SnapshotParts* snapshots = nullptr;                     // none are made and used
  const domain::UpcastMetrics* upcast_metrics = nullptr;  // null: nobody counts
};

struct CommandWorkerOptions {
  size_t commands_max = 4'096;  // waiting or under way; more are refused with OVERLOADED
  // For the turn at an aggregate, as expected; who would wait for longer is refused as OVERLOADED.
  absl::Duration wait_max = absl::Milliseconds(100);
  size_t live_max = 10'000;                             // aggregates in memory
  uint32_t attempts_max = 16;                           // at one command, against other writers
  absl::Duration snapshot_patience = absl::Seconds(2);  // of Stop(), for snapshots that are due
  script::CallLimits call = {};
  script::ContextLimits context = {.heap_bytes_max = 512 << 20, .stack_bytes_max = 512 << 10};
};

// A snapshot that somebody asked for. `done` runs once, on any thread, and must not block.
struct SnapshotRequest {
  std::shared_ptr<const domain::AggregateRecord> record;  // not of a remote aggregate
  StreamName stream;
  snapshot::SnapshotReason reason = snapshot::SnapshotReason::kRequest;
  absl::Duration deadline = absl::InfiniteDuration();  // of Clock::Monotonic()
  SnapshotDesk::Done done;
};

class CommandWorker {
 public:
  CommandWorker(const CommandWorkerParts& parts, const CommandWorkerOptions& options);
  ~CommandWorker();

  // OVERLOADED, DRAINING; then nothing has happened to `call`.
  absl::Status Submit(CommandCallPtr call) ABSL_LOCKS_EXCLUDED(mutex_);

  // Brings the aggregate up to its stream, page by page and between commands, and has a snapshot of
  // it written. One request after the other. STREAM_NOT_FOUND, DOMAIN_CODE_FAILED,
  // DEADLINE_EXCEEDED, OVERLOADED, DRAINING, and what reading gives.
  void MakeSnapshot(SnapshotRequest request) ABSL_LOCKS_EXCLUDED(mutex_);

  // Has snapshots made of aggregates in memory that have none and events older than `max_age`.
  void MakeSnapshotsOfAged(absl::Duration max_age) ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes no more. What was submitted is answered.
  void Drain() ABSL_LOCKS_EXCLUDED(mutex_);
  // Answers all that were submitted, makes what snapshots are due as far as `snapshot_patience`
  // allows, then ends the thread. What is being stored is waited for.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // What the thread has to do next: begin with a call, or take what became of its events.
  struct Step {
    enum class Kind { kBegin, kStored, kRefused, kAgain, kSnapshot, kLook };
    Kind kind = Kind::kBegin;
    CommandCallPtr call;
    absl::Status refusal = {};          // of kRefused
    std::optional<Revision> last = {};  // of kStored: the last event's; nothing: not known
    std::string views = {};
    size_t count = 0;
    StreamPoint point = {};                               // of `last`
    std::shared_ptr<SnapshotRequest> snapshot = nullptr;  // of kSnapshot, which has no call
    absl::Duration max_age = {};                          // of kLook, which has none either
  };
  // A snapshot that is being made. An aggregate that is not in memory is folded apart: nobody has
  // asked for it, and it is not to take the place of one that is in use.
  struct SnapshotFold {
    SnapshotRequest request;
    bool begun = false;
    bool apart = false;
    LiveAggregate own = {};
  };
  // A decision, and whether it was made with the stream's very end in sight.
  struct Outlook {
    Decision decision;
    bool fresh = false;
  };

  void Run();
  void Post(Step step) ABSL_LOCKS_EXCLUDED(mutex_);
  void Take(Step step);
  void Begin(CommandCallPtr call);
  void Decide(const CommandCallPtr& call, LiveAggregate& live);
  absl::StatusOr<Outlook> DecideNow(CommandCall& call, LiveAggregate& live);
  absl::StatusOr<Decision> Ask(CommandCall& call, LiveAggregate& live);
  absl::Status BringUp(CommandCall& call, LiveAggregate& live, bool& fresh);
  // Up to the stream's end.
  absl::Status Load(CommandCall& call, AggregateCode& code, LiveAggregate& live);
  void AnswerWithoutEvents(CommandCall& call, const LiveAggregate& live, Decision decision);
  void Store(const CommandCallPtr& call, const LiveAggregate& live, Decision decision);
  void TakeStored(const Step& step, LiveAggregate& live);
  void TakeRefused(const Step& step, LiveAggregate& live);
  void DecideAgain(const CommandCallPtr& call, LiveAggregate& live);

  // command_snapshots.cc
  absl::StatusOr<AggregateCode*> BeginState(const CommandCall& call, AggregateCode* code,
                                            LiveAggregate& live);
  absl::Status FoldStored(LiveAggregate& live);
  void TakeSnapshot(SnapshotRequest request);
  void FoldForSnapshot();
  // What can be written; null: there is more to fold.
  absl::StatusOr<LiveAggregate*> FoldSlice(SnapshotFold& fold);
  absl::StatusOr<AggregateCode*> CodeFor(const SnapshotFold& fold);
  absl::StatusOr<LiveAggregate*> ReadSlice(SnapshotFold& fold, AggregateCode& code,
                                           LiveAggregate& live);
  void RefuseSnapshots();
  void TendSnapshots(bool idle);
  void FinishSnapshots();

  void Refuse(CommandCall& call, absl::Status why);
  void Fail(CommandCall& call, absl::Status why);
  void Answer(CommandCall& call, absl::StatusOr<CommandReceipt> receipt);
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);
  void Release(LiveAggregate& live);

  absl::StatusOr<AggregateCode*> CodeOf(
      const std::shared_ptr<const domain::AggregateRecord>& record);
  void DropIfBroken(AggregateCode* code);
  void Drop(const std::string& aggregate);
  LiveAggregate& Find(const std::string& stream);
  void Evict();

  absl::Duration Now() const { return parts_.engine.clock().Monotonic(); }

  const CommandWorkerParts parts_;
  const CommandWorkerOptions options_;
  const AggregateLoader loader_;

  // Of the thread alone.
  std::unique_ptr<script::ScriptContext> context_;
  std::unique_ptr<UpcastRunner> upcasts_;                                   // on it
  absl::flat_hash_map<std::string, std::unique_ptr<AggregateCode>> codes_;  // by aggregate
  absl::flat_hash_map<std::string, std::unique_ptr<LiveAggregate>> live_;   // by stream
  std::list<LiveAggregate*> used_;    // the one used last in front
  std::deque<CommandCallPtr> ready_;  // whose aggregate has become free
  SharedPace pace_;                   // of all its aggregates
  SnapshotDesk desk_;
  std::deque<std::unique_ptr<SnapshotFold>> folds_;  // the first one is under way
  absl::Status start_;                               // why there is no context

  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::deque<Step> steps_ ABSL_GUARDED_BY(mutex_);
  size_t open_ ABSL_GUARDED_BY(mutex_) = 0;      // calls without an answer
  size_t requests_ ABSL_GUARDED_BY(mutex_) = 0;  // for snapshots, that are not folded yet
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace nexus::command
