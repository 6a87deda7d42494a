#include "cli/local_policy.h"

#include <map>
#include <memory>
#include <utility>

#include "nexus/core/status_macros.h"
#include "nexus/core/system_clock.h"
#include "policy/wasm/decider_worker.h"
#include "policy/wasm/wasm_program.h"
#include "script/spidermonkey/spidermonkey_engine.h"

namespace nexus::cli {
namespace {

constexpr absl::Duration kEvaluationMax = absl::Seconds(60);

absl::StatusOr<std::shared_ptr<const policy::WasmProgram>> Load(script::ScriptEngine& engine,
                                                                const policy::WasmBundle& bundle) {
  NEXUS_ASSIGN_OR_RETURN(const std::unique_ptr<script::ScriptContext> context,
                         engine.NewContext({}));
  return policy::WasmProgram::Load(*context, bundle, {});
}

}  // namespace

absl::StatusOr<std::vector<std::string>> CheckPolicies(const policy::WasmBundle& bundle) {
  const SystemClock clock;
  NEXUS_ASSIGN_OR_RETURN(const auto engine, script::SpiderMonkeyEngine::Create(clock));
  NEXUS_ASSIGN_OR_RETURN(const auto program, Load(*engine, bundle));
  return program->Operations();
}

std::vector<RuleFinding> FindingsOf(const policy::WasmBundle& bundle, absl::string_view operation,
                                    const PolicyAnswer& answer, uint64_t share_key) {
  std::map<std::string, RuleFinding> found;
  const auto declared = bundle.rules.find(std::string(operation));
  if (declared != bundle.rules.end()) {
    for (const auto& [rule, text] : declared->second) found[rule].text = text;
  }
  for (const PolicyDenial& denial : answer.denials) {
    found[denial.rule].messages.push_back(denial.message);
  }
  std::vector<RuleFinding> findings;
  for (auto& [rule, finding] : found) {
    finding.rule = rule;
    if (bundle.modes != nullptr) {
      const RuleSetting* const setting = bundle.modes->Find(operation, rule);
      if (setting != nullptr) finding.setting = *setting;
      finding.mode = bundle.modes->ModeOf(operation, rule, share_key);
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

absl::StatusOr<PolicyAnswer> DecideLocally(const policy::WasmBundle& bundle,
                                           const PolicyQuestion& question) {
  const SystemClock clock;
  NEXUS_ASSIGN_OR_RETURN(const auto engine, script::SpiderMonkeyEngine::Create(clock));
  NEXUS_ASSIGN_OR_RETURN(auto program, Load(*engine, bundle));
  NEXUS_ASSIGN_OR_RETURN(const auto worker, policy::DeciderWorker::Create(*engine));
  NEXUS_RETURN_IF_ERROR(worker->Use(std::move(program)));
  NEXUS_ASSIGN_OR_RETURN(auto decision,
                         worker->Decide(question.operation, question.input_json, kEvaluationMax));
  return std::move(decision.answer);
}

}  // namespace nexus::cli
