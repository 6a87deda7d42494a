#include "app/policy_engine.h"

#include <algorithm>
#include <functional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "policy/bundle/wasm_bundle.h"
#include "policy/opa/bundle_build.h"
#include "policy/opa/opa_program.h"
#include "policy/open_decider.h"
#include "policy/shipped/shipped_bundle.h"

namespace nexus::app {
namespace {

std::function<void(absl::string_view)> LinesOf(telemetry::Logger& logger) {
  return [&logger](absl::string_view what) {
    logger.Log(telemetry::Level::kInfo, "policy engine", {{"event", what}});
  };
}

absl::StatusOr<policy::WasmBundle> LoadPolicies(const config::PolicyConfig& config) {
  const std::string& path = config.embedded.bundle;
  if (path.empty()) return policy::ParseWasmBundle(policy::ShippedBundle());
  if (!policy::IsSourceFolder(path)) return policy::LoadWasmBundle(path);
  NEXUS_ASSIGN_OR_RETURN(const std::string opa, policy::FindOpa(config.opa.program));
  NEXUS_ASSIGN_OR_RETURN(const std::string archive, policy::BuildBundle(path, opa));
  return policy::ParseWasmBundle(archive);
}

policy::EmbeddedDeciderOptions OptionsOf(const config::EmbeddedPolicyConfig& config) {
  policy::EmbeddedDeciderOptions options;
  options.threads = config.threads;
  if (options.threads == 0) {
    options.threads = std::max<size_t>(1, std::thread::hardware_concurrency() / 2);
  }
  options.cache_bytes_max = config.cache_bytes_max;
  options.limits.memory_bytes_max = config.memory_bytes_max;
  options.limits.evaluation_max = absl::Milliseconds(config.evaluation_timeout_ms);
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PolicyEngine>> PolicyEngine::Start(
    const config::PolicyConfig& config, const std::string& data_folder, const Clock& clock,
    MetricsRegistry& metrics, telemetry::Logger& logger) {
  std::unique_ptr<PolicyEngine> engine(new PolicyEngine());
  if (config.engine == "none") {
    logger.Log(telemetry::Level::kWarning,
               "no policy: every commit is admitted (policy.engine is none)", {});
    engine->decider_ = std::make_unique<policy::OpenDecider>();
  } else if (config.engine == "embedded") {
    NEXUS_RETURN_IF_ERROR(engine->StartEmbedded(config, clock, metrics, logger));
  } else {
    NEXUS_RETURN_IF_ERROR(engine->StartOpa(config.opa, data_folder, clock, logger));
  }
  return engine;
}

absl::Status PolicyEngine::StartEmbedded(const config::PolicyConfig& config, const Clock& clock,
                                         MetricsRegistry& metrics, telemetry::Logger& logger) {
  NEXUS_ASSIGN_OR_RETURN(policy::WasmBundle bundle, LoadPolicies(config));
  NEXUS_ASSIGN_OR_RETURN(script_, script::SpiderMonkeyEngine::Create(clock));
  NEXUS_ASSIGN_OR_RETURN(
      std::unique_ptr<policy::EmbeddedDecider> decider,
      policy::EmbeddedDecider::Create(std::move(bundle), OptionsOf(config.embedded), *script_,
                                      clock, metrics));
  policy::BundleWatchOptions watch;
  watch.path = config.embedded.bundle;
  watch.interval = absl::Milliseconds(config.embedded.reload_ms);
  watch.load = [config] { return LoadPolicies(config); };
  watch.on_event = LinesOf(logger);
  if (!watch.path.empty() && watch.interval > absl::ZeroDuration()) {
    watch_ = std::make_unique<policy::BundleWatch>(std::move(watch), *decider);
  }
  decider_ = std::move(decider);
  return absl::OkStatus();
}

absl::Status PolicyEngine::StartOpa(const config::OpaConfig& config, const std::string& data_folder,
                                    const Clock& clock, telemetry::Logger& logger) {
  policy::OpaDeciderOptions options;
  options.address = config.address;
  options.connections = config.connections;
  if (config.address.empty()) {
    policy::OpaSupervisorOptions child;
    child.program = config.program;
    child.policy_folder = config.folder;
    child.work_folder = absl::StrCat(data_folder, "/policy");
    child.on_event = LinesOf(logger);
    NEXUS_ASSIGN_OR_RETURN(supervisor_, policy::OpaSupervisor::Start(child, clock));
    options.address = supervisor_->address();
    options.engine = "opa (supervised)";
  }
  NEXUS_ASSIGN_OR_RETURN(decider_, policy::OpaDecider::Create(options, clock));
  return absl::OkStatus();
}

}  // namespace nexus::app
