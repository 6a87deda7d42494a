#pragma once

// One instance of a program, on one thread: OPA's interface for WebAssembly, version 1.2
// (https://www.openpolicyagent.org/docs/wasm). Every evaluation begins with the heap as the data
// left it, so that none sees another's input.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "policy/wasm/wasm_program.h"
#include "script/script_engine.h"

namespace nexus::policy {

// Belongs to the thread of its context.
class WasmEvaluator {
 public:
  // `context` and `program` must outlive it. kInternal, kDeadlineExceeded.
  static absl::StatusOr<std::unique_ptr<WasmEvaluator>> Create(script::ScriptContext& context,
                                                               const WasmProgram& program);

  struct Result {
    // JSON: [{"result": ...}], or [] for undefined. Valid until the next call.
    absl::string_view result_set;
    bool formatted = false;  // sprintf was called
  };

  // `input_json` must be sound. kDeadlineExceeded: it took longer than `time_max`; kAborted: the
  // policy, or a built-in of it, failed; kInternal, kResourceExhausted. After an error the instance
  // is of no more use.
  absl::StatusOr<Result> Evaluate(int32_t entrypoint, absl::string_view input_json,
                                  absl::Duration time_max);

 private:
  friend class WasmProgram;
  struct Exports {
    script::WasmFunction eval, malloc, json_parse, json_dump, value_parse, value_dump, heap_get,
        builtins, entrypoints;
  };

  explicit WasmEvaluator(const WasmProgram& program) : program_(program) {}
  absl::Status Start(script::ScriptContext& context);
  absl::Status FindExports();
  absl::Status LoadData();
  script::WasmImports Imports();
  absl::StatusOr<int32_t> Call(script::WasmFunction function, absl::Span<const int32_t> arguments);
  // What the function `list` returns, as JSON.
  absl::StatusOr<std::string> Ask(script::WasmFunction list);
  absl::StatusOr<int32_t> CallBuiltin(absl::Span<const int32_t> arguments);
  absl::StatusOr<int32_t> Unmarshal(int32_t operand);
  absl::StatusOr<RegoValue> Operand(int32_t address);
  absl::StatusOr<int32_t> Abort(int32_t address);
  // The text at `address`, up to its end by a zero.
  absl::StatusOr<absl::string_view> Text(int32_t address);
  absl::StatusOr<int32_t> Store(absl::string_view text);

  const WasmProgram& program_;
  std::unique_ptr<script::WasmInstance> instance_;
  Exports exports_{};
  bool formatted_ = false;  // in this evaluation
  int32_t data_ = 0;        // its address
  int32_t heap_ = 0;        // where an evaluation begins to write
};

}  // namespace nexus::policy
