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
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "nexus/core/clock.h"
#include "nexus/port/metrics.h"
#include "nexus/port/policy_decider.h"
#include "policy/bundle/wasm_bundle.h"
#include "policy/wasm/decision_metrics.h"
#include "policy/wasm/embedded_policies.h"
#include "policy/wasm/wasm_program.h"
#include "script/script_engine.h"

namespace nexus::policy {

struct EmbeddedDeciderOptions {
  size_t threads = 1;
  size_t queue_max = 4096;            // questions that wait for a thread
  size_t cache_bytes_max = 16 << 20;  // 0: no cache
  EvaluationLimits limits;
  std::string engine = "embedded";  // for State()
  size_t instances_max = 1;         // of programs, that each thread keeps ready
  // Told the revision that decides from now on, on the thread that brought it.
  std::function<void(const std::string& revision)> on_active = nullptr;
};

class EmbeddedDecider : public PolicyDecider {
 public:
  // Returns once every thread is ready to decide. CONFIGURATION_INVALID if the bundle cannot be
  // used. Without one nothing is admitted until Replace() brings it. The engine, the clock (whose
  // Monotonic() must run at the pace of real time) and the metrics must outlive the decider.
  static absl::StatusOr<std::unique_ptr<EmbeddedDecider>> Create(
      std::optional<WasmBundle> bundle, const EmbeddedDeciderOptions& options,
      script::ScriptEngine& engine, const Clock& clock, MetricsRegistry& metrics);

  // Fails what still waits.
  ~EmbeddedDecider() override;

  void Decide(PolicyQuestion question, absl::Duration timeout, Done done) override;
  PolicyState State() override;
  bool Decides(absl::string_view operation) override;

  // Policies beside those that decide for everybody. Compiles on this thread, which must have no
  // context of its own. CONFIGURATION_INVALID if the bundle cannot be used.
  absl::StatusOr<std::shared_ptr<EmbeddedPolicies>> Compile(WasmBundle bundle);

  // Decide(), by `policies` of Compile().
  void DecideBy(std::shared_ptr<EmbeddedPolicies> policies, PolicyQuestion question,
                absl::Duration timeout, Done done);

  // Has a thread start an instance of `policies`, so that their first question need not wait for
  // it. What goes wrong is told to that question.
  void Prepare(std::shared_ptr<EmbeddedPolicies> policies);

  // From the next question on `bundle` decides, with an empty cache. CONFIGURATION_INVALID if it
  // cannot be used: then the one before goes on. Compiles on this thread, which must have no
  // context of its own.
  absl::Status Replace(WasmBundle bundle);

  // The same for a bundle that could not even be read: `why`, after it was counted.
  absl::Status Refused(absl::Status why);

  // Told by State() until it is taken back with an empty one: new policies do not come.
  void SetWarning(std::string warning) ABSL_LOCKS_EXCLUDED(active_mutex_);

 private:
  struct Waiting {
    std::shared_ptr<EmbeddedPolicies> policies;
    std::string operation;        // empty: only an instance is wanted
    std::string unformatted_key;  // empty: there is none
    std::string key;              // with the input; empty: it is not sound
    absl::Duration deadline;
    Done done;

    // Null: not known.
    std::optional<PolicyAnswer> Known() const;
  };
  class Worker;

  EmbeddedDecider(const EmbeddedDeciderOptions& options, script::ScriptEngine& engine,
                  const Clock& clock, MetricsRegistry& metrics);
  absl::Status Load(WasmBundle bundle) ABSL_LOCKS_EXCLUDED(active_mutex_);
  absl::Status StartThreads();
  // Null: there are no policies yet.
  std::shared_ptr<EmbeddedPolicies> active() const ABSL_LOCKS_EXCLUDED(active_mutex_);
  void Fail(Done& done, absl::string_view cause, absl::string_view why);
  void Queue(Waiting waiting) ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits for questions. Empty: stop.
  std::vector<Waiting> Take() ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<Waiting> TakeExpired(absl::Duration now) ABSL_LOCKS_EXCLUDED(mutex_);

  const EmbeddedDeciderOptions options_;
  script::ScriptEngine& engine_;
  const Clock& clock_;
  DecisionMetrics metrics_;

  mutable absl::Mutex active_mutex_;
  std::shared_ptr<EmbeddedPolicies> active_ ABSL_GUARDED_BY(active_mutex_);
  std::string warning_ ABSL_GUARDED_BY(active_mutex_);

  absl::Mutex mutex_;
  absl::CondVar work_;
  std::deque<Waiting> queue_ ABSL_GUARDED_BY(mutex_);
  size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;

  std::vector<std::thread> threads_;
};

}  // namespace nexus::policy
