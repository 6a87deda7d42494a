#pragma once

// Dead letters as events of the log itself, in the stream `$dead-letters`, and what is decided of
// them. Anybody may write there: what is open is read from the stream.
//
// Thread-safe. Work runs on the executor and on the log's threads; both must have stopped before
// this is destroyed.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "nexus/core/clock.h"
#include "nexus/core/commit.h"
#include "nexus/core/id_source.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "nexus/port/json_reader.h"
#include "nexus/port/log_backend.h"
#include "nexus/port/metrics.h"
#include "route/dead_letters.h"
#include "route/letter_state.h"

namespace nexus::route {

// All must outlive the letters.
struct LogDeadLettersParts {
  LogBackend& backend;
  EventReader& reader;
  JsonReader& json;
  Executor& executor;
  const Clock& clock;
  IdSource& ids;
  MetricsRegistry& metrics;
};

class LogDeadLetters : public DeadLetters {
 public:
  using Decided = absl::AnyInvocable<void(absl::StatusOr<Letter>)>;

  // With more open letters no further event is given up: its stream waits.
  static constexpr size_t kOpenMax = 100'000;

  explicit LogDeadLetters(const LogDeadLettersParts& parts) : parts_(parts) {}

  // Runs when somebody has decided of a letter. One; set before the first decision. On the
  // executor.
  void SetListener(std::function<void(const Letter&)> listener) { listener_ = std::move(listener); }

  void Write(DeadLetter letter, Written written) override;
  absl::StatusOr<std::vector<OpenLane>> Open(absl::string_view route,
                                             absl::string_view sink) override;
  void Recovered(absl::string_view route, absl::string_view lane, Written written) override;

  // What is open now, by id; reads from disk.
  absl::StatusOr<std::vector<Letter>> List();
  // NOT_FOUND if it is not open.
  absl::StatusOr<Letter> Find(uint64_t id);
  // Has a letter tried again, or its stream go on without it. `decided` runs on the executor.
  // NOT_FOUND, OVERLOADED, and what LogBackend::Propose gives.
  void Decide(LetterAction action, AdmissionStamp stamp, Decided decided);

 private:
  absl::Status Sync() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ReadOn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ShowDepths() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CheckAndPropose(LetterAction action, AdmissionStamp stamp, Decided decided)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Tell(uint64_t letter, const Letter& before, Decided decided) ABSL_LOCKS_EXCLUDED(mutex_);
  Commit ActionCommit(CommitId id, const LetterAction& action, AdmissionStamp stamp);

  const LogDeadLettersParts parts_;
  std::function<void(const Letter&)> listener_;

  absl::Mutex mutex_;
  LetterState state_ ABSL_GUARDED_BY(mutex_);
  Revision next_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Gauge*> depths_ ABSL_GUARDED_BY(mutex_);  // by route
};

}  // namespace nexus::route
