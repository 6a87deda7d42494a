#pragma once

// The policies of the domains that are applied, as layers beside the server's own
// (policy/layered/layered_decider.h, docs/reference/policy-bundle.md).
//
// All layers are decided by one engine of their own, with a thread and a queue of its own: a
// domain's slow rule makes none of the server's questions wait. It starts with the first policy.
// Thread-safe.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "domain/domain_state.h"
#include "nexus/core/clock.h"
#include "nexus/port/metrics.h"
#include "nexus/port/policy_decider.h"
#include "policy/layered/layered_decider.h"
#include "policy/wasm/embedded_decider.h"
#include "script/script_engine.h"

namespace nexus::domain {

// All of it must outlive the policies and every callback.
struct DomainPoliciesParts {
  PolicyDecider& server;
  script::ScriptEngine& scripts;
  const Clock& clock;  // whose Monotonic() runs at the pace of real time
  MetricsRegistry& metrics;
  // A policy that cannot be used ("orders/limits") and why. May be null.
  std::function<void(const std::string& name, const std::string& why)> on_unusable = nullptr;
};

class DomainPolicies {
 public:
  // Programs that are kept between a check and the application that follows it.
  static constexpr size_t kCheckedMax = 16;

  // Of `options`, the engine of the domains has threads, queue, cache (each policy its own) and
  // limits.
  DomainPolicies(const DomainPoliciesParts& parts, policy::EmbeddedDeciderOptions options);

  // What decides with all of them.
  PolicyDecider& decider() { return layered_; }

  // Whether a policy can be used: it is compiled, and decides of what layers may decide something
  // and nothing else. What was compiled is at hand when it is applied. On a thread without a
  // script context; takes some tenths of a second. CONFIGURATION_INVALID, MALFORMED_REQUEST.
  absl::Status Check(const PolicyRecord& record) ABSL_LOCKS_EXCLUDED(mutex_);

  // From the next question on those of `state` decide, and no others. What cannot be used refuses
  // (policy/layered/policy_layer.h). Compiles what Check() has not; never in two calls at once.
  void Use(const DomainState& state) ABSL_LOCKS_EXCLUDED(mutex_);

  // Programs in memory: in use, or checked since.
  size_t compiled() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Fails what waits. What layers would decide is not admitted any more, and none can be checked.
  void Stop();

 private:
  using PoliciesPtr = std::shared_ptr<policy::EmbeddedPolicies>;

  absl::StatusOr<PoliciesPtr> Compiled(const PolicyRecord& record) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<policy::EmbeddedDecider*> Engine() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const DomainPoliciesParts parts_;
  const policy::EmbeddedDeciderOptions options_;
  policy::LayeredDecider layered_;

  mutable absl::Mutex mutex_;
  std::unique_ptr<policy::EmbeddedDecider> engine_
      ABSL_GUARDED_BY(mutex_);  // null: none needed yet
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  // By digest: those in use, and some that were checked since.
  std::map<std::string, PoliciesPtr> compiled_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> checked_ ABSL_GUARDED_BY(mutex_);  // not in use yet; the oldest first
};

}  // namespace nexus::domain
