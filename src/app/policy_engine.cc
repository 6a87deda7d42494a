#include "app/policy_engine.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "fetch/http_get.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/bundle/wasm_bundle.h"
#include "policy/open_decider.h"
#include "policy/operations.h"
#include "policy/shipped/load_policies.h"

namespace nexus::app {
namespace {

constexpr size_t kDomainCacheBytesMax = 4 << 20;  // of one policy

std::function<void(absl::string_view)> LinesOf(telemetry::Logger& logger) {
  return [&logger](absl::string_view what) {
    logger.Log(telemetry::Level::kInfo, "policy engine", {{"event", what}});
  };
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

policy::BundlePollOptions PollOf(const config::EmbeddedPolicyConfig& config,
                                 const std::string& data_folder) {
  policy::BundlePollOptions options;
  options.url = config.url;
  options.token_file = config.token_file;
  options.ca_file = config.ca_file;
  options.kept_path = absl::StrCat(data_folder, "/policy/bundle.tar.gz");
  options.interval = absl::Milliseconds(config.poll_ms);
  options.wait = absl::Seconds(config.long_poll_seconds);
  return options;
}

absl::Status BothPlaces() {
  return MakeError(ErrorReason::kConfigurationInvalid,
                   "policies come from policy.embedded.bundle or from policy.embedded.url, not "
                   "from both");
}

// Aloud, because it is easily overlooked: these operations are as free as without any policy.
void TellWhatIsNotAsked(PolicyDecider& decider, telemetry::Logger& logger) {
  std::vector<absl::string_view> unasked;
  for (const absl::string_view operation : policy::kOptionalOperations) {
    if (!decider.Decides(operation)) unasked.push_back(operation);
  }
  if (unasked.empty()) return;
  logger.Log(telemetry::Level::kWarning, "the policies are not asked about some operations",
             {{"operations", absl::StrJoin(unasked, ",")}});
}

// For what brings other policies.
std::function<void(absl::string_view)> TellingWhatIsNotAsked(PolicyDecider& decider,
                                                             telemetry::Logger& logger) {
  return [lines = LinesOf(logger), &decider, &logger](absl::string_view what) {
    lines(what);
    TellWhatIsNotAsked(decider, logger);
  };
}

}  // namespace

policy::EmbeddedDeciderOptions DomainEngineOptions(const config::EmbeddedPolicyConfig& config) {
  policy::EmbeddedDeciderOptions options = OptionsOf(config);
  options.threads = 1;
  options.cache_bytes_max = std::min(options.cache_bytes_max, kDomainCacheBytesMax);
  return options;
}

absl::StatusOr<std::unique_ptr<PolicyEngine>> PolicyEngine::Start(
    const config::PolicyConfig& config, const std::string& data_folder, const Clock& clock,
    MetricsRegistry& metrics, telemetry::Logger& logger, OnActive on_active) {
  std::unique_ptr<PolicyEngine> engine(new PolicyEngine());
  if (config.engine == "none") {
    logger.Log(telemetry::Level::kWarning,
               "no policy: every commit is admitted (policy.engine is none)", {});
    engine->decider_ = std::make_unique<policy::OpenDecider>();
  } else if (config.engine == "embedded") {
    // Tells by itself, also later.
    NEXUS_RETURN_IF_ERROR(
        engine->StartEmbedded(config, data_folder, clock, metrics, logger, std::move(on_active)));
    return engine;
  } else {
    NEXUS_RETURN_IF_ERROR(engine->StartOpa(config.opa, data_folder, clock, logger));
  }
  if (config.engine != "none") TellWhatIsNotAsked(*engine->decider_, logger);
  const std::string revision = engine->decider_->State().revision;
  if (!revision.empty()) on_active(revision);
  return engine;
}

void PolicyEngine::Stop() {
  StopChanges();
  decider_.reset();
}

absl::Status PolicyEngine::StartEmbedded(const config::PolicyConfig& config,
                                         const std::string& data_folder, const Clock& clock,
                                         MetricsRegistry& metrics, telemetry::Logger& logger,
                                         OnActive on_active) {
  const config::EmbeddedPolicyConfig& embedded = config.embedded;
  std::optional<policy::WasmBundle> bundle;  // a server's comes later
  if (embedded.url.empty()) {
    NEXUS_ASSIGN_OR_RETURN(bundle, policy::LoadPolicies(embedded.bundle, config.opa.program));
  } else {
    if (!embedded.bundle.empty()) return BothPlaces();
    NEXUS_RETURN_IF_ERROR(fetch::CheckTrustworthyUrl("policies", embedded.url));
  }
  NEXUS_ASSIGN_OR_RETURN(script_, script::SpiderMonkeyEngine::Create(clock));
  policy::EmbeddedDeciderOptions options = OptionsOf(embedded);
  options.on_active = std::move(on_active);
  NEXUS_ASSIGN_OR_RETURN(
      std::unique_ptr<policy::EmbeddedDecider> decider,
      policy::EmbeddedDecider::Create(std::move(bundle), options, *script_, clock, metrics));
  if (embedded.url.empty()) {
    TellWhatIsNotAsked(*decider, logger);
    Watch(config, *decider, logger);
  } else {
    policy::BundlePollOptions poll = PollOf(embedded, data_folder);
    poll.on_event = TellingWhatIsNotAsked(*decider, logger);
    poll_ = std::make_unique<policy::BundlePoll>(std::move(poll), *decider, metrics);
  }
  decider_ = std::move(decider);
  return absl::OkStatus();
}

void PolicyEngine::Watch(const config::PolicyConfig& config, policy::EmbeddedDecider& decider,
                         telemetry::Logger& logger) {
  policy::BundleWatchOptions watch;
  watch.path = config.embedded.bundle;
  watch.interval = absl::Milliseconds(config.embedded.reload_ms);
  watch.load = [path = config.embedded.bundle, opa = config.opa.program] {
    return policy::LoadPolicies(path, opa);
  };
  watch.on_event = TellingWhatIsNotAsked(decider, logger);
  if (watch.path.empty() || watch.interval <= absl::ZeroDuration()) return;
  watch_ = std::make_unique<policy::BundleWatch>(std::move(watch), decider);
}

void PolicyEngine::StopChanges() {
  watch_.reset();
  poll_.reset();
}

absl::Status PolicyEngine::StartOpa(const config::OpaConfig& config, const std::string& data_folder,
                                    const Clock& clock, telemetry::Logger& logger) {
  policy::OpaDeciderOptions options;
  options.address = config.address;
  options.ca_file = config.ca_file;
  options.connections = config.connections;
  options.operations = {config.operations.begin(), config.operations.end()};
  if (config.address.empty()) {
    policy::OpaSupervisorOptions child;
    child.program = config.program;
    child.policy_folder = config.folder;
    child.work_folder = absl::StrCat(data_folder, "/policy");
    child.on_event = LinesOf(logger);
    NEXUS_ASSIGN_OR_RETURN(supervisor_, policy::OpaSupervisor::Start(child, clock));
    options.address = supervisor_->address();
    options.engine = "opa (supervised)";
    options.operations = supervisor_->operations();
  }
  NEXUS_ASSIGN_OR_RETURN(decider_, policy::OpaDecider::Create(options, clock));
  return absl::OkStatus();
}

}  // namespace nexus::app
