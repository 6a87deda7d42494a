#pragma once

// A JSContext with its global object, for one thread.

#include <js/Context.h>
#include <js/RootingAPI.h>
#include <jsapi.h>

#include <memory>

#include "script/script_engine.h"
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

 private:
  SpiderMonkeyContext(const ContextLimits& limits, JSContext* context);
  absl::Status MakeGlobal();
  static bool OnInterrupt(JSContext* context);

  const ContextLimits limits_;
  JSContext* const context_;
  std::unique_ptr<Watchdog::Watch> watch_;
  JS::PersistentRootedObject global_;
};

}  // namespace nexus::script
