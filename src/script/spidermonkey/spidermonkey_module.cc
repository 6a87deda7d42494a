#include "script/spidermonkey/spidermonkey_module.h"

#include <js/CallAndConstruct.h>
#include <js/GCAPI.h>
#include <js/Id.h>
#include <js/PropertyAndElement.h>
#include <js/Realm.h>

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "script/spidermonkey/deterministic_global.h"
#include "script/spidermonkey/exception_text.h"
#include "script/spidermonkey/json_reader.h"
#include "script/spidermonkey/json_writer.h"
#include "script/spidermonkey/module_files.h"
#include "script/spidermonkey/script_text.h"

namespace nexus::script {
namespace {

class SpiderMonkeyValue : public ScriptValue {
 public:
  SpiderMonkeyValue(JSContext* context, const ScriptModule& module, JS::HandleValue value)
      : module_(module), value_(context, value) {}
  const ScriptModule& module() const { return module_; }
  const JS::PersistentRootedValue& value() const { return value_; }

 private:
  const ScriptModule& module_;
  JS::PersistentRootedValue value_;
};

const SpiderMonkeyValue& Own(const ScriptValue& value) {
  return static_cast<const SpiderMonkeyValue&>(value);
}

}  // namespace

SpiderMonkeyModule::SpiderMonkeyModule(JSContext* context)
    : context_(context),
      bounds_(RunBounds::Of(context)),
      global_(context),
      exports_(context),
      functions_(context, JS::GCVector<JS::Value>(context)) {}

SpiderMonkeyModule::~SpiderMonkeyModule() {
  if (!global_) return;
  exports_.reset();
  functions_.clear();
  JS::RootedObject global(context_, global_);
  global_.reset();
  JS::Zone* const zone = JS::GetObjectZone(global);
  global = nullptr;
  JS::PrepareZoneForGC(context_, zone);
  JS::NonIncrementalGC(context_, JS::GCOptions::Normal, JS::GCReason::RESERVED2);
}

absl::StatusOr<std::unique_ptr<ScriptModule>> SpiderMonkeyModule::Load(
    JSContext* context, absl::Span<const ModuleFile> files, absl::string_view entry,
    const CallLimits& limits) {
  auto module = absl::WrapUnique(new SpiderMonkeyModule(context));
  NEXUS_RETURN_IF_ERROR(module->Start(files, entry, limits));
  return module;
}

absl::Status SpiderMonkeyModule::Start(absl::Span<const ModuleFile> files, absl::string_view entry,
                                       const CallLimits& limits) {
  global_ = NewDeterministicGlobal(context_);
  if (!global_) return absl::ResourceExhaustedError(TakeException(context_));
  const JSAutoRealm realm(context_, global_);
  ModuleFiles loaded(context_, files);
  absl::Status status = bounds_.Run(limits, [&] { return loaded.Compile() && loaded.Link(entry); });
  if (!loaded.refusal().empty()) return absl::InvalidArgumentError(loaded.refusal());
  if (absl::IsAborted(status)) return absl::InvalidArgumentError(status.message());
  NEXUS_RETURN_IF_ERROR(status);
  JS::RootedObject exports(context_);
  NEXUS_RETURN_IF_ERROR(bounds_.Run(limits, [&] { return loaded.Run(&exports); }));
  exports_ = exports;
  return absl::OkStatus();
}

absl::Status SpiderMonkeyModule::Export(absl::string_view name, JS::MutableHandleValue value) {
  JS::RootedString string(context_, NewString(context_, name));
  JS::RootedId id(context_);
  bool found = false;
  if (!string || !JS_StringToId(context_, string, &id) ||
      !JS_HasPropertyById(context_, exports_, id, &found) ||
      (found && !JS_GetPropertyById(context_, exports_, id, value))) {
    return absl::InternalError(TakeException(context_));
  }
  return found ? absl::OkStatus() : absl::NotFoundError(absl::StrCat("it exports no ", name));
}

absl::StatusOr<ScriptFunction> SpiderMonkeyModule::Find(absl::string_view name) {
  const JSAutoRealm realm(context_, global_);
  JS::RootedValue value(context_);
  NEXUS_RETURN_IF_ERROR(Export(name, &value));
  if (!value.isObject() || !JS::IsCallable(&value.toObject())) {
    return absl::NotFoundError(absl::StrCat("it exports no function ", name));
  }
  for (size_t i = 0; i < functions_.length(); ++i) {
    if (functions_[i] == value) return i;
  }
  if (!functions_.append(value)) return absl::ResourceExhaustedError("out of memory");
  return functions_.length() - 1;
}

absl::StatusOr<std::unique_ptr<ScriptValue>> SpiderMonkeyModule::Get(absl::string_view name) {
  const JSAutoRealm realm(context_, global_);
  JS::RootedValue value(context_);
  NEXUS_RETURN_IF_ERROR(Export(name, &value));
  return std::make_unique<SpiderMonkeyValue>(context_, *this, value);
}

absl::Status SpiderMonkeyModule::Check(ScriptFunction function,
                                       absl::Span<const ScriptArgument> arguments) const {
  if (function >= functions_.length()) return absl::InvalidArgumentError("no such function");
  for (const ScriptArgument& argument : arguments) {
    const auto* kept = absl::get_if<const ScriptValue*>(&argument);
    if (kept != nullptr && (*kept == nullptr || &Own(**kept).module() != this)) {
      return absl::InvalidArgumentError("an argument is no value of this module");
    }
  }
  return absl::OkStatus();
}

bool SpiderMonkeyModule::Invoke(ScriptFunction function, absl::Span<const ScriptArgument> arguments,
                                JS::MutableHandleValue result) {
  failed_argument_ = -1;
  JS::RootedVector<JS::Value> values(context_);
  JS::RootedValue value(context_);
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (const auto* kept = absl::get_if<const ScriptValue*>(&arguments[i])) {
      value = Own(**kept).value();
    } else if (!ReadJson(context_, absl::get<absl::string_view>(arguments[i]), &value)) {
      failed_argument_ = static_cast<int>(i);
      return false;
    }
    if (!values.append(value)) return false;
  }
  JS::RootedValue callee(context_, functions_[function]);
  return JS_CallFunctionValue(context_, nullptr, callee, values, result);
}

bool SpiderMonkeyModule::WriteJson(JS::HandleValue value, const CallLimits& limits,
                                   std::string& text) {
  refused_ = absl::OkStatus();
  JsonWriter writer(context_);
  if (!writer.set_bytes_max(limits.bytes_max).Write(value)) return false;
  if (writer.refusal().empty()) {
    text = writer.TakeText();
  } else if (writer.too_large()) {
    refused_ = absl::ResourceExhaustedError(writer.refusal());
  } else {
    refused_ = absl::FailedPreconditionError(writer.refusal());
  }
  return true;
}

absl::Status SpiderMonkeyModule::Told(absl::Status status) {
  if (!absl::IsAborted(status) || failed_argument_ < 0) return status;
  return absl::InvalidArgumentError(
      absl::StrCat("argument ", failed_argument_ + 1, " is no JSON: ", status.message()));
}

absl::StatusOr<std::unique_ptr<ScriptValue>> SpiderMonkeyModule::Call(
    ScriptFunction function, absl::Span<const ScriptArgument> arguments, const CallLimits& limits) {
  NEXUS_RETURN_IF_ERROR(Check(function, arguments));
  const JSAutoRealm realm(context_, global_);
  JS::RootedValue result(context_);
  NEXUS_RETURN_IF_ERROR(
      Told(bounds_.Run(limits, [&] { return Invoke(function, arguments, &result); })));
  return std::make_unique<SpiderMonkeyValue>(context_, *this, result);
}

absl::StatusOr<std::string> SpiderMonkeyModule::CallForJson(
    ScriptFunction function, absl::Span<const ScriptArgument> arguments, const CallLimits& limits) {
  NEXUS_RETURN_IF_ERROR(Check(function, arguments));
  const JSAutoRealm realm(context_, global_);
  std::string text;
  NEXUS_RETURN_IF_ERROR(Told(bounds_.Run(limits, [&] {
    JS::RootedValue result(context_);
    return Invoke(function, arguments, &result) && WriteJson(result, limits, text);
  })));
  NEXUS_RETURN_IF_ERROR(refused_);
  return text;
}

absl::StatusOr<std::string> SpiderMonkeyModule::ToJson(const ScriptValue& value,
                                                       const CallLimits& limits) {
  if (&Own(value).module() != this) return absl::InvalidArgumentError("no value of this module");
  const JSAutoRealm realm(context_, global_);
  std::string text;
  JS::RootedValue root(context_, Own(value).value());
  NEXUS_RETURN_IF_ERROR(bounds_.Run(limits, [&] { return WriteJson(root, limits, text); }));
  NEXUS_RETURN_IF_ERROR(refused_);
  return text;
}

}  // namespace nexus::script
