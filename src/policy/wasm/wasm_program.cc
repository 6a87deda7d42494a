#include "policy/wasm/wasm_program.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/wasm/imported_memory.h"
#include "policy/wasm/strict_builtins.h"
#include "policy/wasm/wasm_evaluator.h"

namespace nexus::policy {
namespace {

absl::Status Unusable(absl::string_view why) {
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat("the policy bundle cannot be used: ", why));
}

// {"name": number, ...}
absl::StatusOr<std::map<std::string, int32_t>> ReadNumbers(absl::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS) {
    return Unusable("a table of its module is not JSON");
  }
  std::map<std::string, int32_t> numbers;
  for (const auto& [name, value] : object) {
    int64_t number = 0;
    if (value.get(number) != simdjson::SUCCESS)
      return Unusable("a table of its module is malformed");
    numbers[std::string(name)] = static_cast<int32_t>(number);
  }
  return numbers;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const WasmProgram>> WasmProgram::Load(
    script::ScriptContext& context, WasmBundle bundle, const EvaluationLimits& limits) {
  std::shared_ptr<WasmProgram> program(new WasmProgram(std::move(bundle), limits));
  NEXUS_ASSIGN_OR_RETURN(const std::string strict, MakeBuiltinsStrict(program->bundle_.wasm));
  program->memory_bytes_min_ = ImportedMemoryMin(strict);
  if (program->memory_bytes_min_ > limits.memory_bytes_max) {
    return Unusable(absl::StrCat("its module needs ", program->memory_bytes_min_,
                                 " bytes of memory, and ", limits.memory_bytes_max,
                                 " are allowed"));
  }
  auto compiled = context.Compile(strict);
  if (!compiled.ok()) return Unusable(compiled.status().message());
  program->compiled_ = *std::move(compiled);
  program->bundle_.wasm.clear();
  // A first instance says what the module needs and proves that it starts with this data.
  WasmEvaluator trial(*program);
  const auto on_trial = [&]() -> absl::Status {
    NEXUS_RETURN_IF_ERROR(trial.Start(context));
    NEXUS_ASSIGN_OR_RETURN(const std::string builtins, trial.Ask(trial.exports_.builtins));
    NEXUS_RETURN_IF_ERROR(program->ReadBuiltins(builtins));
    NEXUS_ASSIGN_OR_RETURN(const std::string entrypoints, trial.Ask(trial.exports_.entrypoints));
    NEXUS_RETURN_IF_ERROR(program->ReadEntrypoints(entrypoints));
    return trial.LoadData();
  };
  const absl::Status started = on_trial();
  if (ReasonOf(started) == ErrorReason::kConfigurationInvalid) return started;
  if (!started.ok()) return Unusable(started.message());
  program->FindOperations();
  return program;
}

absl::Status WasmProgram::ReadBuiltins(absl::string_view json) {
  NEXUS_ASSIGN_OR_RETURN(const auto numbers, ReadNumbers(json));
  std::vector<std::string> missing;
  for (const auto& [name, number] : numbers) {
    const NamedBuiltin* const builtin = FindHostBuiltin(name);
    if (builtin == nullptr) missing.push_back(name);
    builtins_[number] = builtin;
  }
  if (missing.empty()) return absl::OkStatus();
  return Unusable(absl::StrCat("it calls ", absl::StrJoin(missing, ", "),
                               ", which the embedded engine does not supply; leave it out, or set "
                               "policy.engine to opa"));
}

absl::Status WasmProgram::ReadEntrypoints(absl::string_view json) {
  NEXUS_ASSIGN_OR_RETURN(const auto numbers, ReadNumbers(json));
  entrypoints_.insert(numbers.begin(), numbers.end());
  return absl::OkStatus();
}

void WasmProgram::FindOperations() {
  for (const auto& [path, number] : entrypoints_) {
    absl::string_view name = path;
    if (!absl::ConsumePrefix(&name, "nexus/") || !absl::ConsumeSuffix(&name, "/decision")) continue;
    Operation operation;
    operation.entrypoint = number;
    if (const auto found = bundle_.reads.find(std::string(name)); found != bundle_.reads.end()) {
      const InputReads& reads = found->second;
      operation.reads.emplace(reads.all);
      if (reads.unformatted != reads.all) operation.reads_unformatted.emplace(reads.unformatted);
    }
    operations_.emplace(std::string(name), std::move(operation));
  }
}

const WasmProgram::Operation* WasmProgram::Find(absl::string_view operation) const {
  const auto found = operations_.find(operation);
  return found == operations_.end() ? nullptr : &found->second;
}

std::optional<int32_t> WasmProgram::Entrypoint(absl::string_view path) const {
  const auto found = entrypoints_.find(path);
  if (found == entrypoints_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> WasmProgram::Operations() const {
  std::vector<std::string> names;
  for (const auto& [name, operation] : operations_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

const NamedBuiltin* WasmProgram::Builtin(int32_t number) const {
  const auto found = builtins_.find(number);
  return found == builtins_.end() ? nullptr : found->second;
}

}  // namespace nexus::policy
