#pragma once

// Answers queries of the past on one thread, with a script engine's context of its own: however
// many ask, commands and appends keep the rest of the machine.
//
// Thread-safe. The parts must outlive it; Stop() before they end.

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "command/aggregate_code.h"
#include "domain/domain_state.h"
#include "nexus/core/clock.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/json_reader.h"
#include "schema/schema_evolution.h"
#include "script/script_engine.h"
#include "snapshot/fold_digest.h"
#include "snapshot/snapshot_finder.h"
#include "temporal/continuation.h"
#include "temporal/past_fold.h"
#include "temporal/past_query.h"
#include "temporal/past_walk.h"
#include "temporal/query_answer.h"

namespace nexus::temporal {

// States that are kept. Both may be null: then states are made of events alone.
struct PastSnapshots {
  snapshot::SnapshotFinder* finder = nullptr;
  snapshot::FoldDigests* digests = nullptr;
};

struct TemporalWorkerParts {
  EventReader& reader;
  const schema::SchemaEvolution& evolution;
  const Clock& clock;
  script::ScriptEngine& scripts;
  JsonReader& json;
  const Continuations& continuations;
  // What is declared now; cheap.
  std::function<std::shared_ptr<const domain::DomainState>()> domains;
  PastSnapshots snapshots = {};
};

struct TemporalWorkerOptions {
  size_t waiting_max = 64;  // more are refused with OVERLOADED
  uint64_t events_max = 10'000;
  absl::Duration span_max = absl::Hours(24 * 90);
  absl::Duration time_max = absl::Seconds(30);
  script::CallLimits call = {};
  script::ContextLimits context = {.heap_bytes_max = 256 << 20, .stack_bytes_max = 512 << 10};
};

// One query that was admitted.
struct TemporalCall {
  PastQuery query;
  std::string principal;
  index::Visible visible;
  absl::Duration deadline;  // of Clock::Monotonic(): then nobody waits any more
  absl::AnyInvocable<void(absl::StatusOr<PastAnswer>)> done;
};

class TemporalWorker {
 public:
  TemporalWorker(const TemporalWorkerParts& parts, const TemporalWorkerOptions& options);
  ~TemporalWorker();

  // `done` runs once, on any thread. It is told OVERLOADED and DRAINING, too.
  void Submit(TemporalCall call) ABSL_LOCKS_EXCLUDED(mutex_);

  // Answers all that waits, then ends the thread.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run();
  absl::StatusOr<PastAnswer> Answer(const TemporalCall& call);
  std::function<bool(const SnapshotInfo&)> CurrentOf(const PastQuery& query,
                                                     const FoldFacts& facts) const;
  absl::StatusOr<std::unique_ptr<PastFold>> FoldFor(const PastQuery& query);
  absl::StatusOr<command::AggregateCode*> CodeOf(
      const std::shared_ptr<const domain::AggregateRecord>& record);
  void DropBroken();

  const TemporalWorkerParts parts_;
  const TemporalWorkerOptions options_;

  // Of the thread alone.
  std::unique_ptr<script::ScriptContext> context_;
  absl::Status start_;  // why there is no context
  absl::flat_hash_map<std::string, std::unique_ptr<command::AggregateCode>> codes_;

  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::deque<TemporalCall> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace nexus::temporal
