#include "script/spidermonkey/spidermonkey_context.h"

#include <js/GCAPI.h>
#include <js/GlobalObject.h>
#include <js/Initialization.h>
#include <js/Realm.h>
#include <js/RealmOptions.h>
#include <js/Stack.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "script/spidermonkey/deterministic_global.h"
#include "script/spidermonkey/exception_text.h"
#include "script/spidermonkey/held_memory.h"
#include "script/spidermonkey/module_files.h"
#include "script/spidermonkey/spidermonkey_instance.h"
#include "script/spidermonkey/spidermonkey_module.h"
#include "script/spidermonkey/wasm_objects.h"

namespace nexus::script {
namespace {

const JSClass kGlobalClass = {
    "global", JSCLASS_GLOBAL_FLAGS, &JS::DefaultGlobalClassOps, nullptr, nullptr, nullptr};

}  // namespace

SpiderMonkeyContext::SpiderMonkeyContext(const ContextLimits& limits, JSContext* context)
    : limits_(limits), context_(context), global_(context) {}

SpiderMonkeyContext::~SpiderMonkeyContext() {
  bounds_.reset();
  global_.reset();
  JS_DestroyContext(context_);
}

absl::StatusOr<std::unique_ptr<ScriptContext>> SpiderMonkeyContext::Create(
    const ContextLimits& limits, Watchdog& watchdog) {
  JSContext* raw = JS_NewContext(static_cast<uint32_t>(limits.heap_bytes_max));
  if (raw == nullptr) return absl::InternalError("the script engine gives no context");
  std::unique_ptr<SpiderMonkeyContext> context(new SpiderMonkeyContext(limits, raw));
  NEXUS_RETURN_IF_ERROR(context->Start(watchdog));
  return context;
}

absl::Status SpiderMonkeyContext::Start(Watchdog& watchdog) {
  JS_SetNativeStackQuota(context_, limits_.stack_bytes_max);
  // The last resort before "out of memory", which the engine would try once a minute only.
  JS_SetGCParameter(context_, JSGC_MIN_LAST_DITCH_GC_PERIOD, 0);
  ForbidWhatIsNotDeterministic(context_);
  ModuleFiles::Install(context_);
  if (!JS::InitSelfHostedCode(context_)) {
    return absl::InternalError("the script engine cannot be prepared");
  }
  global_ = JS_NewGlobalObject(context_, &kGlobalClass, nullptr, JS::FireOnNewGlobalHook,
                               JS::RealmOptions());
  if (!global_) return absl::InternalError("the script engine gives no global object");
  NEXUS_ASSIGN_OR_RETURN(bounds_, RunBounds::Create(context_, watchdog, global_));
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
  return SpiderMonkeyInstance::Create(context_, global_, bounds_->watch(),
                                      static_cast<const SpiderMonkeyWasm&>(compiled),
                                      std::move(imports));
}

absl::StatusOr<std::unique_ptr<ScriptModule>> SpiderMonkeyContext::Load(
    absl::Span<const ModuleFile> files, absl::string_view entry, const CallLimits& limits) {
  return SpiderMonkeyModule::Load(context_, files, entry, limits);
}

size_t SpiderMonkeyContext::HeldAfterCollection() {
  JS_GC(context_, JS::GCReason::RESERVED3);
  return bounds_->Held();
}

size_t HeldAfterCollection(ScriptContext& context) {
  return static_cast<SpiderMonkeyContext&>(context).HeldAfterCollection();
}

}  // namespace nexus::script
