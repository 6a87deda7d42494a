#pragma once

// The objects of the JavaScript API of WebAssembly, made without JavaScript. Each needs a realm to
// be entered, and returns null with an exception pending where it fails.

#include <js/RefCounted.h>
#include <js/RootingAPI.h>
#include <js/WasmModule.h>
#include <jsapi.h>

#include <cstddef>
#include <utility>

#include "absl/strings/string_view.h"
#include "script/wasm_instance.h"

namespace nexus::script {

class SpiderMonkeyWasm : public CompiledWasm {
 public:
  explicit SpiderMonkeyWasm(RefPtr<JS::WasmModule> module) : module_(std::move(module)) {}
  const JS::WasmModule& module() const { return *module_; }

 private:
  const RefPtr<JS::WasmModule> module_;
};

JSObject* NewWasmModule(JSContext* context, absl::string_view wasm);
JSObject* NewWasmMemory(JSContext* context, size_t pages_min, size_t pages_max);
JSObject* NewWasmInstance(JSContext* context, JS::HandleObject module, JS::HandleObject imports);

}  // namespace nexus::script
