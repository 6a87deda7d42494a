#pragma once

// A JSContext for one thread.

#include <js/Context.h>
#include <js/RootingAPI.h>
#include <jsapi.h>

#include <memory>

#include "script/script_engine.h"
#include "script/spidermonkey/run_bounds.h"
#include "script/spidermonkey/watchdog.h"

namespace nexus::script {

class SpiderMonkeyContext : public ScriptContext {
 public:
  static absl::StatusOr<std::unique_ptr<ScriptContext>> Create(const ContextLimits& limits,
                                                               Watchdog& watchdog);
  ~SpiderMonkeyContext() override;

  absl::StatusOr<std::shared_ptr<const CompiledWasm>> Compile(absl::string_view wasm) override;
  absl::StatusOr<std::unique_ptr<WasmInstance>> Instantiate(const CompiledWasm& compiled,
                                                            WasmImports imports) override;
  absl::StatusOr<std::unique_ptr<ScriptModule>> Load(absl::Span<const ModuleFile> files,
                                                     absl::string_view entry,
                                                     const CallLimits& limits) override;

  size_t HeldAfterCollection();

 private:
  SpiderMonkeyContext(const ContextLimits& limits, JSContext* context);
  absl::Status Start(Watchdog& watchdog);

  const ContextLimits limits_;
  JSContext* const context_;
  JS::PersistentRootedObject global_;  // of WebAssembly; JavaScript has one for each module
  std::unique_ptr<RunBounds> bounds_;
};

}  // namespace nexus::script
