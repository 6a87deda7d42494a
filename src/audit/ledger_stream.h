#pragma once

// The writer of one of the server's own streams that tell of refusals and administrators: what is
// gathered is proposed in the background, a commit at a time.
//
// A commit that the log does not take now (a full disk) is proposed again, under the same id; what
// comes meanwhile is counted, in bounded memory. Only a crash loses what waits, and that is young.
// Thread-safe; waits for nothing. Work runs on the executor and on the log's threads; both must
// have stopped before this is destroyed.

#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "audit/ledger_book.h"
#include "nexus/core/clock.h"
#include "nexus/core/commit.h"
#include "nexus/core/id_source.h"
#include "nexus/port/executor.h"
#include "nexus/port/log_backend.h"
#include "nexus/port/metrics.h"

namespace nexus::audit {

struct LedgerStreamParts {
  LogBackend& log;
  Executor& executor;
  Clock& clock;
  IdSource& ids;
  MetricsRegistry& metrics;
};

struct LedgerStreamOptions {
  LedgerBookOptions book;
  absl::Duration delay = absl::Milliseconds(100);  // from the first of a kind to its event, about
  absl::Duration retry = absl::Seconds(1);
  size_t rows_per_commit_max = 128;
};

class LedgerStream {
 public:
  LedgerStream(StreamName name, const LedgerStreamParts& parts, LedgerStreamOptions options);

  // See LedgerBook.
  UuidBytes Count(absl::string_view principal, absl::string_view kind,
                  absl::FunctionRef<LedgerRow()> describe);
  void Add(absl::string_view principal, LedgerRow row);

  // Proposes all that waits.
  bool Flush();

  // The data of a row that is not in the log yet.
  std::optional<std::string> Pending(const UuidBytes& id);

 private:
  struct Metrics {
    Metrics(MetricsRegistry& registry, const std::string& stream);

    Counter& events;
    Counter& merged;
    Counter& failures;
  };

  LedgerTime Now() const;
  void TellMerged() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WakeIn(absl::Duration delay) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Tick();
  // What is to be proposed next; it is under way then.
  std::optional<Commit> Next(bool all) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Commit CommitOf(std::vector<CountedRow> rows);
  void Propose(Commit commit);
  void OnOutcome(const absl::Status& outcome);

  const StreamName name_;
  const LedgerStreamParts parts_;
  const LedgerStreamOptions options_;
  Metrics metrics_;

  absl::Mutex mutex_;
  LedgerBook book_ ABSL_GUARDED_BY(mutex_);
  uint64_t told_merged_ ABSL_GUARDED_BY(mutex_) = 0;
  bool awake_ ABSL_GUARDED_BY(mutex_) = false;  // a timer will call Tick()
  // Not known to be in the log; proposed again until it is.
  std::optional<Commit> open_ ABSL_GUARDED_BY(mutex_);
  bool under_way_ ABSL_GUARDED_BY(mutex_) = false;
  bool flushing_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace nexus::audit
