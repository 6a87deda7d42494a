#pragma once

// The policy engine that the configuration names: the embedded one, an OPA of our own, or one at an
// address.

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "config/nexus_config.h"
#include "nexus/core/clock.h"
#include "nexus/port/metrics.h"
#include "nexus/port/policy_decider.h"
#include "policy/opa/opa_decider.h"
#include "policy/opa/opa_supervisor.h"
#include "policy/remote/bundle_poll.h"
#include "policy/wasm/bundle_watch.h"
#include "policy/wasm/embedded_decider.h"
#include "script/spidermonkey/spidermonkey_engine.h"
#include "telemetry/log.h"

namespace nexus::app {

// Of the engine that decides by the policies of domains: `policy.embedded`, with a thread of its
// own and a smaller cache for each policy.
policy::EmbeddedDeciderOptions DomainEngineOptions(const config::EmbeddedPolicyConfig& config);

class PolicyEngine {
 public:
  // Told which revision decides from now on. Must not block.
  using OnActive = std::function<void(const std::string& revision)>;

  // Returns once it can decide, or, with an OPA at an address, at once. `clock`, `metrics` and
  // `logger` must outlive it. CONFIGURATION_INVALID with what is wrong with the policies, or how to
  // install OPA.
  static absl::StatusOr<std::unique_ptr<PolicyEngine>> Start(
      const config::PolicyConfig& config, const std::string& data_folder, const Clock& clock,
      MetricsRegistry& metrics, telemetry::Logger& logger, OnActive on_active);

  PolicyDecider& decider() { return *decider_; }

  // No other policies come from now on, and on_active is not called any more.
  void StopChanges();

  // Fails what waits for a decision; there is no decider any more. To be called while all that
  // hears of it is still there.
  void Stop();

 private:
  PolicyEngine() = default;
  absl::Status StartEmbedded(const config::PolicyConfig& config, const std::string& data_folder,
                             const Clock& clock, MetricsRegistry& metrics,
                             telemetry::Logger& logger, OnActive on_active);
  void Watch(const config::PolicyConfig& config, policy::EmbeddedDecider& decider,
             telemetry::Logger& logger);
  absl::Status StartOpa(const config::OpaConfig& config, const std::string& data_folder,
                        const Clock& clock, telemetry::Logger& logger);

  std::unique_ptr<script::SpiderMonkeyEngine> script_;  // of the embedded engine
  std::unique_ptr<policy::OpaSupervisor> supervisor_;   // null: somebody else runs the engine
  std::unique_ptr<PolicyDecider> decider_;
  std::unique_ptr<policy::BundleWatch> watch_;  // these two: null if there is nothing to look after
  std::unique_ptr<policy::BundlePoll> poll_;
};

}  // namespace nexus::app
