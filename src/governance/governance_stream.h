#pragma once

// The one writer of a governance stream: changes enter one after the other, each judged against
// everything that came before it.
//
// A change is planned against the folded state and proposed with the exact revision that the plan
// has seen. If another server was first, the stream is read up to its end and the change is planned
// again: so what is written always follows from what precedes it.
//
// Thread-safe. Work runs on the executor and on the log's threads; both must have stopped before
// this is destroyed.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "nexus/core/clock.h"
#include "nexus/core/id_source.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "nexus/port/log_backend.h"

namespace nexus::governance {

struct GovernanceStreamOptions {
  size_t changes_max = 1'024;  // waiting or under way; more are refused with OVERLOADED
  int attempts_max = 32;       // against other writers; then OVERLOADED
};

class GovernanceStream {
 public:
  struct NewEvent {
    std::string type;
    std::string data;
  };
  struct Change {
    AdmissionStamp stamp;
    // What to write, given the folded state; nothing if the state is already as wished. May run
    // several times.
    absl::AnyInvocable<absl::StatusOr<std::optional<NewEvent>>()> plan;
    // Folds what `plan` gave last. Not run where Fold has seen the event before.
    absl::AnyInvocable<void(Timestamp recorded)> apply;
    // The same for whoever needs to know where it stands; goes before `apply`.
    absl::AnyInvocable<void(const CommitReceipt&)> apply_at = nullptr;
    // Runs once, after the change can be seen or has failed. Must not block.
    absl::AnyInvocable<void(absl::Status)> done;
    // Of Hold(), in place of all of the above.
    absl::AnyInvocable<void(absl::Status)> held = nullptr;
  };
  // Takes one stored event into the state. Runs under a lock, in order of revision.
  using Fold = absl::AnyInvocable<absl::Status(const RecordedEvent&)>;

  // All references must outlive this.
  GovernanceStream(StreamName name, LogBackend& log, EventReader& reader, Executor& executor,
                   Clock& clock, IdSource& ids, Fold fold, GovernanceStreamOptions options = {});

  // Folds everything that is in the stream and not folded yet. Reads from disk.
  absl::Status CatchUp();

  void Submit(Change change);

  // For a change of several streams (joint_commit.h). `held` runs when it is this one's turn, on
  // any thread; until Release() nothing else is planned here. OVERLOADED: it never will be.
  void Hold(absl::AnyInvocable<void(absl::Status)> held);
  // These three are for who holds the turn. Runs `apply` unless Fold has seen these events.
  void Settle(Revision first, uint64_t events, absl::FunctionRef<void()> apply)
      ABSL_LOCKS_EXCLUDED(fold_mutex_);
  // What was written is not known: reads the stream before the next plan.
  void Distrust() { MarkStale(); }
  void Release();

  const StreamName& name() const { return name_; }

  // Events folded so far. Cheap: waits for nothing.
  uint64_t FoldedCount() const { return folded_.load(std::memory_order_acquire); }

 private:
  void Schedule();
  void Attempt();
  void Propose(NewEvent event);
  void OnOutcome(const absl::StatusOr<CommitReceipt>& outcome);
  absl::Status Settle(const CommitReceipt& receipt);
  void MarkStale();
  void Retry();
  void Finish(absl::Status status);
  Change& Current();

  const StreamName name_;
  LogBackend& log_;
  EventReader& reader_;
  Executor& executor_;
  Clock& clock_;
  IdSource& ids_;
  const GovernanceStreamOptions options_;

  absl::Mutex queue_mutex_;
  // The first is under way while `busy_`; only its own steps touch it.
  std::deque<Change> queue_ ABSL_GUARDED_BY(queue_mutex_);
  bool busy_ ABSL_GUARDED_BY(queue_mutex_) = false;
  bool stale_ ABSL_GUARDED_BY(queue_mutex_) = false;  // read the stream before the next plan
  int attempts_ ABSL_GUARDED_BY(queue_mutex_) = 0;    // of the first

  absl::Mutex fold_mutex_;
  Fold fold_ ABSL_GUARDED_BY(fold_mutex_);
  // Also the next revision to fold. Changed only under `fold_mutex_`.
  std::atomic<uint64_t> folded_{0};
};

}  // namespace nexus::governance
