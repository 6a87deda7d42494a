#pragma once

// Decides inside of this process, by policies that OPA compiled to WebAssembly.
//
// What the cache knows is answered within Decide(). The rest waits for one of a few threads, each
// with an instance of its own. Fails closed: see nexus/port/policy_decider.h; the cause is in the
// error's metadata under "policy_failure" (policy/failure.h lists the words). A policy that runs
// too long, or out of its memory, is stopped, its question fails and its instance is made anew.
// Thread-safe.

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/core/clock.h"
#include "nexus/port/metrics.h"
#include "nexus/port/policy_decider.h"
#include "policy/bundle/wasm_bundle.h"
#include "policy/wasm/decision_cache.h"
#include "policy/wasm/decision_metrics.h"
#include "policy/wasm/wasm_program.h"
#include "script/script_engine.h"

namespace nexus::policy {

struct EmbeddedDeciderOptions {
  size_t threads = 1;
  size_t queue_max = 4096;            // questions that wait for a thread
  size_t cache_bytes_max = 16 << 20;  // 0: no cache
  EvaluationLimits limits;
  std::string engine = "embedded";  // for State()
};

class EmbeddedDecider : public PolicyDecider {
 public:
  // Returns once every thread is ready to decide. CONFIGURATION_INVALID if the bundle cannot be
  // used. The engine, the clock (whose Monotonic() must run at the pace of real time) and the
  // metrics must outlive the decider.
  static absl::StatusOr<std::unique_ptr<EmbeddedDecider>> Create(
      WasmBundle bundle, const EmbeddedDeciderOptions& options, script::ScriptEngine& engine,
      const Clock& clock, MetricsRegistry& metrics);

  // Fails what still waits.
  ~EmbeddedDecider() override;

  void Decide(PolicyQuestion question, absl::Duration timeout, Done done) override;
  PolicyState State() override;

  // From the next question on `bundle` decides, with an empty cache. CONFIGURATION_INVALID if it
  // cannot be used: then the one before goes on. Compiles on this thread, which must have no
  // context of its own.
  absl::Status Replace(WasmBundle bundle);

 private:
  // What decides; replaced as a whole.
  struct Active {
    std::shared_ptr<const WasmProgram> program;
    std::shared_ptr<DecisionCache> cache;  // of this program alone; shared with those it answers
  };
  struct Waiting {
    PolicyQuestion question;
    std::string cache_key;  // empty: not to be cached
    absl::Duration deadline;
    Done done;
  };
  class Worker;

  EmbeddedDecider(const EmbeddedDeciderOptions& options, script::ScriptEngine& engine,
                  const Clock& clock, MetricsRegistry& metrics);
  absl::Status Load(WasmBundle bundle) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status StartThreads();
  Active active() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits for questions. Empty: stop.
  std::vector<Waiting> Take() ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<Waiting> TakeExpired(absl::Duration now) ABSL_LOCKS_EXCLUDED(mutex_);

  const EmbeddedDeciderOptions options_;
  script::ScriptEngine& engine_;
  const Clock& clock_;
  DecisionMetrics metrics_;

  mutable absl::Mutex mutex_;
  absl::CondVar work_;
  Active active_ ABSL_GUARDED_BY(mutex_);
  std::deque<Waiting> queue_ ABSL_GUARDED_BY(mutex_);
  size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;

  std::vector<std::thread> threads_;
};

}  // namespace nexus::policy
