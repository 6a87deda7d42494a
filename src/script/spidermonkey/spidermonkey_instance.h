#pragma once

// An instance of a WebAssembly module in SpiderMonkey.

#include <js/GCVector.h>
#include <js/RootingAPI.h>
#include <jsapi.h>

#include <memory>

#include "script/spidermonkey/wasm_objects.h"
#include "script/spidermonkey/watchdog.h"

namespace nexus::script {

class SpiderMonkeyInstance : public WasmInstance {
 public:
  // All but `imports` must outlive the instance.
  static absl::StatusOr<std::unique_ptr<WasmInstance>> Create(JSContext* context,
                                                              JS::HandleObject global,
                                                              Watchdog::Watch& watch,
                                                              const SpiderMonkeyWasm& compiled,
                                                              WasmImports imports);

  absl::StatusOr<WasmFunction> Find(absl::string_view name) override;
  absl::StatusOr<int32_t> Call(WasmFunction function, absl::Span<const int32_t> arguments,
                               absl::Duration time_max) override;
  absl::Span<uint8_t> memory() override;
  absl::Status Grow(size_t bytes_min) override;

 private:
  SpiderMonkeyInstance(JSContext* context, JS::HandleObject global, Watchdog::Watch& watch,
                       WasmImports imports);
  absl::Status Start(const SpiderMonkeyWasm& compiled);
  bool DefineImports(JS::HandleObject imports);
  static bool CallHost(JSContext* context, unsigned count, JS::Value* values);
  // Runs `step` under the time limit unless one holds already.
  template <typename Step>
  absl::Status Limited(absl::Duration time_max, Step step);
  absl::Status Failure();

  JSContext* const context_;
  Watchdog::Watch& watch_;
  const WasmImports imports_;
  JS::PersistentRootedObject global_;
  JS::PersistentRootedObject memory_;
  JS::PersistentRootedObject buffer_;  // of the memory, until it grows; null: to be asked for
  JS::PersistentRootedObject exports_;
  JS::PersistentRooted<JS::GCVector<JS::Value>> functions_;  // by WasmFunction
  int depth_ = 0;              // calls under way, one within the other
  absl::Status host_failure_;  // why a host function ended the call
};

}  // namespace nexus::script
