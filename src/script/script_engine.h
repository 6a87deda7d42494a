#pragma once

// Runs code that is not ours: policies as WebAssembly, domains as JavaScript.
//
// Code gets what it is handed and nothing else: no file, no network, no clock, no chance. It is
// bounded in time and memory. An engine is no wall against hostile code, though
// (docs/decisions/0008-embedded-policies.md): who may hand code in is an administrator.

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "script/script_module.h"
#include "script/wasm_instance.h"

namespace nexus::script {

struct ContextLimits {
  // Of the engine's own values, with all that is kept between calls; wasm memory comes on top.
  size_t heap_bytes_max = 32 << 20;
  size_t stack_bytes_max = 512 << 10;  // of the calling thread
  size_t wasm_bytes_max = 16 << 20;    // of a module to compile
};

// Belongs to the thread that made it: used and destroyed there, and the only one there.
class ScriptContext {
 public:
  virtual ~ScriptContext() = default;

  // kInvalidArgument, with the engine's words, if it is no valid module or too large.
  virtual absl::StatusOr<std::shared_ptr<const CompiledWasm>> Compile(absl::string_view wasm) = 0;

  // kInvalidArgument if the module imports something that `imports` lacks; otherwise as Call().
  // `compiled` must come from the same engine.
  virtual absl::StatusOr<std::unique_ptr<WasmInstance>> Instantiate(const CompiledWasm& compiled,
                                                                    WasmImports imports) = 0;

  // Compiles `files`, which may import one another ("./name") and nothing else, and runs them from
  // `entry` on. Each module has globals of its own. kInvalidArgument, with file and line: it does
  // not compile, imports what is not there, or awaits something; otherwise as ScriptModule says.
  virtual absl::StatusOr<std::unique_ptr<ScriptModule>> Load(absl::Span<const ModuleFile> files,
                                                             absl::string_view entry,
                                                             const CallLimits& limits) = 0;
};

// Thread-safe. Outlives its contexts.
class ScriptEngine {
 public:
  virtual ~ScriptEngine() = default;

  // For the calling thread. kInternal if the engine cannot start one.
  virtual absl::StatusOr<std::unique_ptr<ScriptContext>> NewContext(
      const ContextLimits& limits) = 0;
};

}  // namespace nexus::script
