#include "command/aggregate_code.h"

#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "command/aggregate_prelude.h"
#include "digest/sha256.h"
#include "domain/upcast/domain_modules.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::command {
namespace {

// On top of a call's limit, for each event that it folds.
constexpr absl::Duration kTimeOfAnEvent = absl::Milliseconds(1);
// The same for a state that goes through its JSON: a large one is no fault of the code.
constexpr size_t kBytesOfAMillisecond = 16 << 10;
constexpr int kTimesForAState = 4;

absl::Status CodeError(const domain::AggregateRecord& record, const absl::Status& why,
                       absl::string_view function, absl::string_view input) {
  ErrorDetails details;
  details.reason = ErrorReason::kDomainCodeFailed;
  details.metadata.emplace_back("aggregate", record.declaration.name);
  details.metadata.emplace_back("domain", record.domain);
  details.metadata.emplace_back("function", std::string(function));
  if (!input.empty()) details.metadata.emplace_back("input_digest", Sha256Hex(input));
  return MakeError(
      absl::StrCat("the code of the aggregate ", record.declaration.name, " (", record.domain, "/",
                   record.declaration.script, ") fails in ", function, ": ", why.message()),
      details);
}

}  // namespace

AggregateCode::AggregateCode(std::shared_ptr<const domain::AggregateRecord> record,
                             std::unique_ptr<script::ScriptModule> module,
                             const script::CallLimits& limits)
    : record_(std::move(record)), module_(std::move(module)), limits_(limits) {}

absl::StatusOr<std::unique_ptr<AggregateCode>> AggregateCode::Load(
    script::ScriptContext& context, std::shared_ptr<const domain::AggregateRecord> record,
    const script::CallLimits& limits) {
  std::vector<script::ModuleFile> files = domain::ModulesOf(*record->package);
  files.push_back(
      {kPreludeFile, absl::StrReplaceAll(kPrelude, {{kDomainPlace, record->declaration.script}})});
  absl::StatusOr<std::unique_ptr<script::ScriptModule>> module =
      context.Load(files, kPreludeFile, limits);
  if (!module.ok()) return CodeError(*record, module.status(), "the module", "");
  std::unique_ptr<AggregateCode> code(
      new AggregateCode(std::move(record), *std::move(module), limits));
  NEXUS_RETURN_IF_ERROR(code->FindFunctions());
  return code;
}

absl::Status AggregateCode::FindFunctions() {
  const std::array<std::pair<const char*, script::ScriptFunction*>, 4> wanted = {
      {{"begin", &begin_}, {"restore", &restore_}, {"fold", &fold_}, {"decide", &decide_}}};
  for (const auto& [name, function] : wanted) {
    NEXUS_ASSIGN_OR_RETURN(*function, module_->Find(name));
  }
  return absl::OkStatus();
}

absl::Status AggregateCode::Failure(const absl::Status& why, absl::string_view function,
                                    absl::string_view input) {
  broken_ = broken_ || absl::IsDeadlineExceeded(why) || absl::IsResourceExhausted(why);
  return CodeError(*record_, why, function, input);
}

absl::StatusOr<StateValue> AggregateCode::Begin() {
  absl::StatusOr<StateValue> state = module_->Call(begin_, {}, limits_);
  if (!state.ok()) return Failure(state.status(), "initial", "");
  return state;
}

absl::StatusOr<StateValue> AggregateCode::Fold(const script::ScriptValue& state,
                                               absl::string_view events, size_t count) {
  script::CallLimits limits = limits_;
  limits.time_max += kTimeOfAnEvent * static_cast<int64_t>(count);
  absl::StatusOr<StateValue> next = module_->Call(fold_, {&state, events}, limits);
  if (!next.ok()) return Failure(next.status(), "evolve", events);
  return next;
}

absl::StatusOr<std::string> AggregateCode::Decide(const script::ScriptValue& state,
                                                  absl::string_view command,
                                                  absl::string_view context) {
  absl::StatusOr<std::string> decision =
      module_->CallForJson(decide_, {&state, command, context}, limits_);
  if (!decision.ok()) return Failure(decision.status(), "decide", command);
  return decision;
}

absl::StatusOr<std::string> AggregateCode::StateJson(const script::ScriptValue& state) {
  script::CallLimits limits = limits_;
  limits.time_max *= kTimesForAState;
  absl::StatusOr<std::string> json = module_->ToJson(state, limits);
  if (!json.ok()) return Failure(json.status(), "the state", "");
  return json;
}

absl::StatusOr<StateValue> AggregateCode::Restore(absl::string_view state_json) {
  script::CallLimits limits = limits_;
  limits.time_max += absl::Milliseconds(state_json.size() / kBytesOfAMillisecond);
  absl::StatusOr<StateValue> state = module_->Call(restore_, {state_json}, limits);
  if (!state.ok()) return Failure(state.status(), "the state", state_json);
  return state;
}

}  // namespace nexus::command
