#pragma once

// A JavaScript module in SpiderMonkey.

#include <js/GCVector.h>
#include <js/RootingAPI.h>
#include <jsapi.h>

#include <memory>
#include <string>

#include "script/script_module.h"
#include "script/spidermonkey/run_bounds.h"

namespace nexus::script {

class SpiderMonkeyModule : public ScriptModule {
 public:
  // `context` must outlive the module, with the bounds that belong to it.
  static absl::StatusOr<std::unique_ptr<ScriptModule>> Load(JSContext* context,
                                                            absl::Span<const ModuleFile> files,
                                                            absl::string_view entry,
                                                            const CallLimits& limits);
  // Collects: the engine would see no reason to while each module is small.
  ~SpiderMonkeyModule() override;

  absl::StatusOr<ScriptFunction> Find(absl::string_view name) override;
  absl::StatusOr<std::unique_ptr<ScriptValue>> Get(absl::string_view name) override;
  absl::StatusOr<std::unique_ptr<ScriptValue>> Call(ScriptFunction function,
                                                    absl::Span<const ScriptArgument> arguments,
                                                    const CallLimits& limits) override;
  absl::StatusOr<std::string> CallForJson(ScriptFunction function,
                                          absl::Span<const ScriptArgument> arguments,
                                          const CallLimits& limits) override;
  absl::StatusOr<std::string> ToJson(const ScriptValue& value, const CallLimits& limits) override;

 private:
  explicit SpiderMonkeyModule(JSContext* context);
  absl::Status Start(absl::Span<const ModuleFile> files, absl::string_view entry,
                     const CallLimits& limits);
  absl::Status Export(absl::string_view name, JS::MutableHandleValue value);
  // Both are steps of a run. `argument_failed_`: the text of that argument is no JSON.
  bool Invoke(ScriptFunction function, absl::Span<const ScriptArgument> arguments,
              JS::MutableHandleValue result);
  bool WriteJson(JS::HandleValue value, const CallLimits& limits, std::string& text);
  absl::Status Check(ScriptFunction function, absl::Span<const ScriptArgument> arguments) const;
  absl::Status Told(absl::Status status);

  JSContext* const context_;
  RunBounds& bounds_;
  JS::PersistentRootedObject global_;
  JS::PersistentRootedObject exports_;
  JS::PersistentRooted<JS::GCVector<JS::Value>> functions_;  // by ScriptFunction
  int failed_argument_ = -1;
  absl::Status refused_;  // the result, by the writer
};

}  // namespace nexus::script
