#include "app/policy_engine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "policy/open_decider.h"

namespace nexus::app {

absl::StatusOr<std::unique_ptr<PolicyEngine>> PolicyEngine::Start(
    const config::PolicyConfig& config, const std::string& data_folder, const Clock& clock,
    telemetry::Logger& logger) {
  std::unique_ptr<PolicyEngine> engine(new PolicyEngine());
  if (config.engine == "none") {
    logger.Log(telemetry::Level::kWarning,
               "no policy: every commit is admitted (policy.engine is none)", {});
    engine->decider_ = std::make_unique<policy::OpenDecider>();
    return engine;
  }
  policy::OpaDeciderOptions options;
  options.address = config.opa.address;
  options.connections = config.opa.connections;
  if (config.opa.address.empty()) {
    policy::OpaSupervisorOptions child;
    child.program = config.opa.program;
    child.policy_folder = config.opa.folder;
    child.work_folder = absl::StrCat(data_folder, "/policy");
    child.on_event = [&logger](absl::string_view what) {
      logger.Log(telemetry::Level::kInfo, "policy engine", {{"event", what}});
    };
    NEXUS_ASSIGN_OR_RETURN(engine->supervisor_, policy::OpaSupervisor::Start(child, clock));
    options.address = engine->supervisor_->address();
    options.engine = "opa (supervised)";
  }
  NEXUS_ASSIGN_OR_RETURN(engine->decider_, policy::OpaDecider::Create(options, clock));
  return engine;
}

}  // namespace nexus::app
