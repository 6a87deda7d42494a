#pragma once

// What one thread of the embedded decider needs: a context of the engine, an instance of the active
// program, a parser of answers.
//
// Belongs to one thread.

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nexus/port/policy_decider.h"
#include "policy/wasm/wasm_evaluator.h"
#include "script/script_engine.h"
#include "simdjson.h"

namespace nexus::policy {

class DeciderWorker {
 public:
  // The engine must outlive it. kInternal.
  static absl::StatusOr<std::unique_ptr<DeciderWorker>> Create(script::ScriptEngine& engine);

  // POLICY_UNAVAILABLE if the program does not start here.
  absl::Status Use(std::shared_ptr<const WasmProgram> program);

  struct Decision {
    PolicyAnswer answer;
    bool formatted = false;  // a message, or another text, by sprintf
  };

  // By the program in use, on `input_json`. POLICY_UNAVAILABLE: undefined, of another shape,
  // failed, took longer than `time_max`.
  absl::StatusOr<Decision> Decide(absl::string_view operation, absl::string_view input_json,
                                  absl::Duration time_max);

 private:
  explicit DeciderWorker(std::unique_ptr<script::ScriptContext> context)
      : context_(std::move(context)) {}
  absl::StatusOr<PolicyAnswer> Read(absl::string_view result_set);

  const std::unique_ptr<script::ScriptContext> context_;
  std::shared_ptr<const WasmProgram> program_;
  std::unique_ptr<WasmEvaluator> evaluator_;  // null: to be made anew
  simdjson::dom::parser parser_;
};

}  // namespace nexus::policy
