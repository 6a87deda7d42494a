#include "script/spidermonkey/spidermonkey_instance.h"

#include <js/ArrayBuffer.h>
#include <js/CallAndConstruct.h>
#include <js/GCAPI.h>
#include <js/PropertyAndElement.h>
#include <js/Realm.h>
#include <jsfriendapi.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "script/spidermonkey/exception_text.h"

namespace nexus::script {
namespace {

constexpr size_t kPageBytes = 64 << 10;
constexpr size_t kArgumentsMax = 8;

size_t Pages(size_t bytes) { return (bytes + kPageBytes - 1) / kPageBytes; }

}  // namespace

SpiderMonkeyInstance::SpiderMonkeyInstance(JSContext* context, JS::HandleObject global,
                                           Watchdog::Watch& watch, WasmImports imports)
    : context_(context),
      watch_(watch),
      imports_(std::move(imports)),
      global_(context, global),
      memory_(context),
      buffer_(context),
      exports_(context),
      functions_(context, JS::GCVector<JS::Value>(context)) {}

absl::StatusOr<std::unique_ptr<WasmInstance>> SpiderMonkeyInstance::Create(
    JSContext* context, JS::HandleObject global, Watchdog::Watch& watch,
    const SpiderMonkeyWasm& compiled, WasmImports imports) {
  std::unique_ptr<SpiderMonkeyInstance> instance(
      new SpiderMonkeyInstance(context, global, watch, std::move(imports)));
  NEXUS_RETURN_IF_ERROR(instance->Start(compiled));
  return instance;
}

absl::Status SpiderMonkeyInstance::Failure() {
  const std::string said = TakeException(context_);
  if (!host_failure_.ok()) return std::exchange(host_failure_, absl::OkStatus());
  if (said.empty()) return absl::DeadlineExceededError("interrupted: it ran for too long");
  return absl::InternalError(said);
}

template <typename Step>
absl::Status SpiderMonkeyInstance::Limited(absl::Duration time_max, Step step) {
  if (depth_ == 0) watch_.Arm(time_max);
  ++depth_;
  const bool done = step();
  --depth_;
  if (depth_ == 0) watch_.Disarm();
  return done ? absl::OkStatus() : Failure();
}

absl::Status SpiderMonkeyInstance::Start(const SpiderMonkeyWasm& compiled) {
  JSAutoRealm realm(context_, global_);
  const auto start = [&] {
    memory_ =
        NewWasmMemory(context_, Pages(imports_.memory_bytes_min), Pages(imports_.memory_bytes_max));
    JS::RootedObject imports(context_, JS_NewPlainObject(context_));
    if (!memory_ || !imports || !DefineImports(imports)) return false;
    JS::RootedObject module(context_, compiled.module().createObject(context_));
    if (!module) return false;
    JS::RootedObject instance(context_, NewWasmInstance(context_, module, imports));
    JS::RootedValue exports(context_);
    if (!instance || !JS_GetProperty(context_, instance, "exports", &exports)) return false;
    exports_ = &exports.toObject();
    return true;
  };
  const absl::Status started = Limited(imports_.start_time_max, start);
  if (!absl::IsInternal(started)) return started;
  return absl::InvalidArgumentError(started.message());
}

bool SpiderMonkeyInstance::DefineImports(JS::HandleObject imports) {
  JS::RootedObject module(context_, JS_NewPlainObject(context_));
  if (!module) return false;
  JS::RootedValue value(context_, JS::ObjectValue(*memory_));
  if (!JS_SetProperty(context_, module, imports_.memory.c_str(), value)) return false;
  for (const HostFunction& function : imports_.functions) {
    JSFunction* defined =
        js::DefineFunctionWithReserved(context_, module, function.name.c_str(), &CallHost, 0, 0);
    if (defined == nullptr) return false;
    JSObject* object = JS_GetFunctionObject(defined);
    js::SetFunctionNativeReserved(object, 0, JS::PrivateValue(this));
    js::SetFunctionNativeReserved(object, 1,
                                  JS::PrivateValue(const_cast<HostFunction*>(&function)));
  }
  value.setObject(*module);
  return JS_SetProperty(context_, imports, imports_.module.c_str(), value);
}

bool SpiderMonkeyInstance::CallHost(JSContext* context, unsigned count, JS::Value* values) {
  const JS::CallArgs arguments = JS::CallArgsFromVp(count, values);
  JSObject* callee = &arguments.callee();
  auto* self =
      static_cast<SpiderMonkeyInstance*>(js::GetFunctionNativeReserved(callee, 0).toPrivate());
  const auto* function =
      static_cast<const HostFunction*>(js::GetFunctionNativeReserved(callee, 1).toPrivate());
  std::array<int32_t, kArgumentsMax> numbers{};
  const size_t passed = std::min<size_t>(count, kArgumentsMax);
  for (size_t i = 0; i < passed; ++i) {
    numbers[i] = arguments[i].isInt32() ? arguments[i].toInt32() : 0;
  }
  const absl::StatusOr<int32_t> answer = function->call(absl::MakeSpan(numbers).first(passed));
  if (!answer.ok()) {
    self->host_failure_ = answer.status();
    JS_ReportErrorASCII(context, "refused by the host");
    return false;
  }
  arguments.rval().setInt32(*answer);
  return true;
}

absl::StatusOr<WasmFunction> SpiderMonkeyInstance::Find(absl::string_view name) {
  JSAutoRealm realm(context_, global_);
  JS::RootedValue value(context_);
  if (!JS_GetProperty(context_, exports_, std::string(name).c_str(), &value)) return Failure();
  if (!value.isObject() || !JS::IsCallable(&value.toObject())) {
    return absl::NotFoundError(absl::StrCat("it exports no function ", name));
  }
  if (!functions_.append(value)) return absl::ResourceExhaustedError("out of memory");
  return functions_.length() - 1;
}

absl::StatusOr<int32_t> SpiderMonkeyInstance::Call(WasmFunction function,
                                                   absl::Span<const int32_t> arguments,
                                                   absl::Duration time_max) {
  if (function >= functions_.length() || arguments.size() > kArgumentsMax) {
    return absl::InvalidArgumentError("no such function, or too many arguments");
  }
  JSAutoRealm realm(context_, global_);
  // Numbers only: nothing in it for the collector to trace.
  std::array<JS::Value, kArgumentsMax> values;
  for (size_t i = 0; i < arguments.size(); ++i) values[i].setInt32(arguments[i]);
  JS::RootedValue result(context_);
  JS::RootedValue callee(context_, functions_[function]);
  NEXUS_RETURN_IF_ERROR(Limited(time_max, [&] {
    return JS_CallFunctionValue(
        context_, nullptr, callee,
        JS::HandleValueArray::fromMarkedLocation(arguments.size(), values.data()), &result);
  }));
  return result.isInt32() ? result.toInt32() : 0;
}

// A memory that grows gets another buffer and detaches the one before.
absl::Span<uint8_t> SpiderMonkeyInstance::memory() {
  JSAutoRealm realm(context_, global_);
  if (!buffer_ || JS::IsDetachedArrayBufferObject(buffer_)) {
    JS::RootedValue buffer(context_);
    if (!JS_GetProperty(context_, memory_, "buffer", &buffer) || !buffer.isObject()) {
      JS_ClearPendingException(context_);
      return {};
    }
    buffer_ = &buffer.toObject();
  }
  size_t size = 0;
  bool shared = false;
  uint8_t* data = nullptr;
  JS::GetArrayBufferLengthAndData(buffer_, &size, &shared, &data);
  return absl::MakeSpan(data, size);
}

absl::Status SpiderMonkeyInstance::Grow(size_t bytes_min) {
  const size_t now = Pages(memory().size());
  if (Pages(bytes_min) <= now) return absl::OkStatus();
  JSAutoRealm realm(context_, global_);
  std::array<JS::Value, 1> values{JS::Int32Value(static_cast<int32_t>(Pages(bytes_min) - now))};
  JS::RootedValue result(context_);
  if (JS_CallFunctionName(context_, memory_, "grow",
                          JS::HandleValueArray::fromMarkedLocation(1, values.data()), &result)) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(TakeException(context_));
}

}  // namespace nexus::script
