#pragma once

// The policy engine that the configuration names: an OPA of our own, or one at an address.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "config/nexus_config.h"
#include "nexus/core/clock.h"
#include "nexus/port/policy_decider.h"
#include "policy/opa/opa_decider.h"
#include "policy/opa/opa_supervisor.h"
#include "telemetry/log.h"

namespace nexus::app {

class PolicyEngine {
 public:
  // Starts the child where no address is configured, and waits until it answers. `clock` and
  // `logger` must outlive it. CONFIGURATION_INVALID with what OPA said, or how to install it.
  static absl::StatusOr<std::unique_ptr<PolicyEngine>> Start(const config::PolicyConfig& config,
                                                             const std::string& data_folder,
                                                             const Clock& clock,
                                                             telemetry::Logger& logger);

  PolicyDecider& decider() { return *decider_; }

 private:
  PolicyEngine() = default;

  std::unique_ptr<policy::OpaSupervisor> supervisor_;  // null: somebody else runs the engine
  std::unique_ptr<PolicyDecider> decider_;
};

}  // namespace nexus::app
