#pragma once

// A bundle that is ready to run: checked, made strict, compiled.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/bundle/wasm_bundle.h"
#include "policy/wasm/host_builtins.h"
#include "policy/wasm/input_projection.h"
#include "script/script_engine.h"

namespace nexus::policy {

struct EvaluationLimits {
  size_t memory_bytes_max = 64 << 20;           // of one instance
  absl::Duration start_max = absl::Seconds(5);  // to read the data
  absl::Duration evaluation_max = absl::Milliseconds(100);
};

// Immutable; thread-safe. The engine must outlive it.
class WasmProgram {
 public:
  // On the thread of `context`. CONFIGURATION_INVALID if the module is not OPA's, needs a built-in
  // that there is not (named), or does not start.
  static absl::StatusOr<std::shared_ptr<const WasmProgram>> Load(script::ScriptContext& context,
                                                                 WasmBundle bundle,
                                                                 const EvaluationLimits& limits);

  const std::string& revision() const { return bundle_.revision; }
  const std::shared_ptr<const RuleModes>& modes() const { return bundle_.modes; }
  const std::string& data_json() const { return bundle_.data_json; }
  const script::CompiledWasm& compiled() const { return *compiled_; }
  const EvaluationLimits& limits() const { return limits_; }
  size_t memory_bytes_min() const { return memory_bytes_min_; }  // an instance starts with

  // How an operation is decided.
  struct Operation {
    int32_t entrypoint = 0;  // "nexus/append/decision"
    // What its decision reads: of all that may come, and where no message is formatted. Nothing:
    // it may be any part of the input.
    std::optional<InputProjection> reads;
    std::optional<InputProjection> reads_unformatted;  // nothing as well if it is the same
  };
  // Null: no policy decides it.
  const Operation* Find(absl::string_view operation) const;
  // All that it decides, by name.
  std::vector<std::string> Operations() const;
  // The number of an entrypoint by its path.
  std::optional<int32_t> Entrypoint(absl::string_view path) const;
  // Null: no such number.
  const NamedBuiltin* Builtin(int32_t number) const;

 private:
  friend class WasmEvaluator;
  WasmProgram(WasmBundle bundle, const EvaluationLimits& limits)
      : bundle_(std::move(bundle)), limits_(limits) {}
  absl::Status ReadBuiltins(absl::string_view json);
  absl::Status ReadEntrypoints(absl::string_view json);
  void FindOperations();

  WasmBundle bundle_;
  const EvaluationLimits limits_;
  size_t memory_bytes_min_ = 0;
  std::shared_ptr<const script::CompiledWasm> compiled_;
  std::map<std::string, int32_t, std::less<>> entrypoints_;
  std::map<int32_t, const NamedBuiltin*> builtins_;
  absl::flat_hash_map<std::string, Operation> operations_;
};

}  // namespace nexus::policy
