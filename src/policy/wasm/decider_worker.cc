#include "policy/wasm/decider_worker.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "policy/decision.h"
#include "policy/failure.h"

namespace nexus::policy {
namespace {

using simdjson::dom::element;

// What nearly every answer is, as the module writes it.
constexpr absl::string_view kAllowed = R"([{"result":{"allow":true,"deny":[]}}])";

}  // namespace

absl::StatusOr<std::unique_ptr<DeciderWorker>> DeciderWorker::Create(script::ScriptEngine& engine,
                                                                     size_t instances_max) {
  NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<script::ScriptContext> context, engine.NewContext({}));
  return std::unique_ptr<DeciderWorker>(new DeciderWorker(std::move(context), instances_max));
}

absl::Status DeciderWorker::Use(std::shared_ptr<const WasmProgram> program) {
  const auto found =
      std::find_if(instances_.begin(), instances_.end(),
                   [&](const Instance& instance) { return instance.program == program; });
  if (found != instances_.end()) {
    instances_.splice(instances_.begin(), instances_, found);
    return absl::OkStatus();
  }
  // Before the new one takes its memory.
  while (!instances_.empty() && instances_.size() >= instances_max_) instances_.pop_back();
  absl::StatusOr<std::unique_ptr<WasmEvaluator>> made = WasmEvaluator::Create(*context_, *program);
  if (!made.ok()) {
    return Undecided(kEngineError,
                     absl::StrCat("the policy does not start: ", made.status().message()));
  }
  instances_.push_front({std::move(program), *std::move(made)});
  return absl::OkStatus();
}

absl::StatusOr<DeciderWorker::Decision> DeciderWorker::Decide(absl::string_view operation,
                                                              absl::string_view input_json,
                                                              absl::Duration time_max) {
  const std::shared_ptr<const WasmProgram> program = instances_.front().program;
  const WasmProgram::Operation* const decided = program->Find(operation);
  if (decided == nullptr) {
    return Undecided(kUndefined, absl::StrCat("no policy decides ", operation));
  }
  // The policy's own parser takes what is malformed for undefined, and reads no further than the
  // first value.
  element input;
  if (parser_.parse(input_json.data(), input_json.size()).get(input) != simdjson::SUCCESS ||
      !input.is_object()) {
    return Undecided(kEngineError, "its input is not a JSON object");
  }
  const absl::StatusOr<WasmEvaluator::Result> result =
      instances_.front().evaluator->Evaluate(decided->entrypoint, input_json, time_max);
  if (result.ok()) {
    NEXUS_ASSIGN_OR_RETURN(PolicyAnswer answer, Read(result->result_set, *program));
    return Decision{std::move(answer), result->formatted};
  }
  absl::Status failed = absl::IsDeadlineExceeded(result.status())
                            ? Undecided(kTimeout, absl::StrCat("it did not decide within ",
                                                               absl::FormatDuration(time_max)))
                            : Undecided(kEngineError, result.status().message());
  instances_.pop_front();  // to be made anew
  return failed;
}

absl::StatusOr<PolicyAnswer> DeciderWorker::Read(absl::string_view result_set,
                                                 const WasmProgram& program) {
  if (result_set == kAllowed) {
    PolicyAnswer allowed;
    allowed.allow = true;
    allowed.permitted = true;
    allowed.revision = program.revision();
    return allowed;
  }
  element document;
  simdjson::dom::array results;
  if (parser_.parse(result_set.data(), result_set.size()).get(document) != simdjson::SUCCESS ||
      document.get(results) != simdjson::SUCCESS) {
    return Undecided(kMalformedAnswer, "its answer is not a JSON array");
  }
  if (results.size() == 0) {
    return Undecided(kUndefined, "its decision is undefined for this input");
  }
  element decision;
  if (results.at(0)["result"].get(decision) != simdjson::SUCCESS) {
    return Undecided(kMalformedAnswer, "its answer has no result");
  }
  NEXUS_ASSIGN_OR_RETURN(PolicyAnswer answer, ReadDecision(decision));
  answer.revision = program.revision();
  answer.modes = program.modes();
  return answer;
}

}  // namespace nexus::policy
