#include "script/spidermonkey/wasm_objects.h"

#include <js/ArrayBuffer.h>
#include <js/CallAndConstruct.h>
#include <js/GCAPI.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>
#include <js/ValueArray.h>

#include <cstring>

namespace nexus::script {
namespace {

// new WebAssembly[name](...arguments)
JSObject* Construct(JSContext* context, const char* name, const JS::HandleValueArray& arguments) {
  JS::RootedObject global(context, JS::CurrentGlobalOrNull(context));
  JS::RootedValue value(context);
  if (!JS_GetProperty(context, global, "WebAssembly", &value)) return nullptr;
  if (!value.isObject()) {
    JS_ReportErrorASCII(context, "this processor has no WebAssembly");
    return nullptr;
  }
  JS::RootedObject web_assembly(context, &value.toObject());
  if (!JS_GetProperty(context, web_assembly, name, &value)) return nullptr;
  JS::RootedObject made(context);
  if (!JS::Construct(context, value, arguments, &made)) return nullptr;
  return made;
}

bool SetNumber(JSContext* context, JS::HandleObject object, const char* name, size_t number) {
  JS::RootedValue value(context, JS::NumberValue(static_cast<uint32_t>(number)));
  return JS_SetProperty(context, object, name, value);
}

}  // namespace

JSObject* NewWasmModule(JSContext* context, absl::string_view wasm) {
  JS::RootedObject buffer(context, JS::NewArrayBuffer(context, wasm.size()));
  if (!buffer) return nullptr;
  {
    JS::AutoCheckCannotGC no_collection;
    bool shared = false;
    std::memcpy(JS::GetArrayBufferData(buffer, &shared, no_collection), wasm.data(), wasm.size());
  }
  JS::RootedValueArray<1> arguments(context);
  arguments[0].setObject(*buffer);
  return Construct(context, "Module", arguments);
}

JSObject* NewWasmMemory(JSContext* context, size_t pages_min, size_t pages_max) {
  JS::RootedObject descriptor(context, JS_NewPlainObject(context));
  if (!descriptor || !SetNumber(context, descriptor, "initial", pages_min) ||
      !SetNumber(context, descriptor, "maximum", pages_max)) {
    return nullptr;
  }
  JS::RootedValueArray<1> arguments(context);
  arguments[0].setObject(*descriptor);
  return Construct(context, "Memory", arguments);
}

JSObject* NewWasmInstance(JSContext* context, JS::HandleObject module, JS::HandleObject imports) {
  JS::RootedValueArray<2> arguments(context);
  arguments[0].setObject(*module);
  arguments[1].setObject(*imports);
  return Construct(context, "Instance", arguments);
}

}  // namespace nexus::script
