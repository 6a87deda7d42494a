#pragma once

// What one thread of the embedded decider needs: a context of the engine, instances of the programs
// that decide, a parser of answers.
//
// Belongs to one thread.

#include <cstddef>
#include <list>
#include <memory>
#include <utility>

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
  // The engine must outlive it. Of the programs that were used last, `instances_max` keep an
  // instance. kInternal.
  static absl::StatusOr<std::unique_ptr<DeciderWorker>> Create(script::ScriptEngine& engine,
                                                               size_t instances_max = 1);

  // Decide() is by `program` from now on. POLICY_UNAVAILABLE if it does not start here.
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
  struct Instance {
    std::shared_ptr<const WasmProgram> program;  // the evaluator borrows from it
    std::unique_ptr<WasmEvaluator> evaluator;
  };

  DeciderWorker(std::unique_ptr<script::ScriptContext> context, size_t instances_max)
      : context_(std::move(context)), instances_max_(instances_max) {}
  absl::StatusOr<PolicyAnswer> Read(absl::string_view result_set, const WasmProgram& program);

  const std::unique_ptr<script::ScriptContext> context_;
  const size_t instances_max_;
  std::list<Instance> instances_;  // what is in use is the first; then by their last use
  simdjson::dom::parser parser_;
};

}  // namespace nexus::policy
