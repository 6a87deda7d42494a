#include "script/spidermonkey/spidermonkey_context.h"

#include <js/GlobalObject.h>
#include <js/Initialization.h>
#include <js/Interrupt.h>
#include <js/Realm.h>
#include <js/RealmOptions.h>
#include <js/Stack.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "script/spidermonkey/exception_text.h"
#include "script/spidermonkey/spidermonkey_instance.h"
#include "script/spidermonkey/wasm_objects.h"

namespace nexus::script {
namespace {

const JSClass kGlobalClass = {
    "global", JSCLASS_GLOBAL_FLAGS, &JS::DefaultGlobalClassOps, nullptr, nullptr, nullptr};

}  // namespace

SpiderMonkeyContext::SpiderMonkeyContext(const ContextLimits& limits, JSContext* context)
    : limits_(limits), context_(context), global_(context) {}

SpiderMonkeyContext::~SpiderMonkeyContext() {
  watch_.reset();
  global_.reset();
  JS_DestroyContext(context_);
}

absl::StatusOr<std::unique_ptr<ScriptContext>> SpiderMonkeyContext::Create(
    const ContextLimits& limits, Watchdog& watchdog) {
  JSContext* raw = JS_NewContext(static_cast<uint32_t>(limits.heap_bytes_max));
  if (raw == nullptr) return absl::InternalError("the script engine gives no context");
  std::unique_ptr<SpiderMonkeyContext> context(new SpiderMonkeyContext(limits, raw));
  context->watch_ = watchdog.Add([raw] { JS_RequestInterruptCallback(raw); });
  JS_SetContextPrivate(raw, context->watch_.get());
  JS_SetNativeStackQuota(raw, limits.stack_bytes_max);
  if (!JS::InitSelfHostedCode(raw) || !JS_AddInterruptCallback(raw, &OnInterrupt)) {
    return absl::InternalError("the script engine cannot be prepared");
  }
  NEXUS_RETURN_IF_ERROR(context->MakeGlobal());
  return context;
}

bool SpiderMonkeyContext::OnInterrupt(JSContext* context) {
  return !static_cast<const Watchdog::Watch*>(JS_GetContextPrivate(context))->Expired();
}

absl::Status SpiderMonkeyContext::MakeGlobal() {
  JS::RealmOptions options;
  global_ = JS_NewGlobalObject(context_, &kGlobalClass, nullptr, JS::FireOnNewGlobalHook, options);
  if (!global_) return absl::InternalError("the script engine gives no global object");
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const CompiledWasm>> SpiderMonkeyContext::Compile(
    absl::string_view wasm) {
  if (wasm.size() > limits_.wasm_bytes_max) {
    return absl::InvalidArgumentError(absl::StrCat("the module has ", wasm.size(), " bytes; ",
                                                   limits_.wasm_bytes_max, " may be"));
  }
  JSAutoRealm realm(context_, global_);
  JS::RootedObject module(context_, NewWasmModule(context_, wasm));
  if (!module) return absl::InvalidArgumentError(TakeException(context_));
  return std::make_shared<const SpiderMonkeyWasm>(JS::GetWasmModule(module));
}

absl::StatusOr<std::unique_ptr<WasmInstance>> SpiderMonkeyContext::Instantiate(
    const CompiledWasm& compiled, WasmImports imports) {
  return SpiderMonkeyInstance::Create(context_, global_, *watch_,
                                      static_cast<const SpiderMonkeyWasm&>(compiled),
                                      std::move(imports));
}

}  // namespace nexus::script
