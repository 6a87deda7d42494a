#include "script/spidermonkey/module_files.h"

#include <js/Array.h>
#include <js/CompilationAndEvaluation.h>
#include <js/Modules.h>
#include <js/PropertyAndElement.h>
#include <js/SourceText.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "script/spidermonkey/run_bounds.h"
#include "script/spidermonkey/script_text.h"

namespace nexus::script {

ModuleFiles::ModuleFiles(JSContext* context, absl::Span<const ModuleFile> files)
    : context_(context), files_(files), modules_(context), entry_(context) {
  RunBounds::Of(context).set_loading(this);
}

ModuleFiles::~ModuleFiles() { RunBounds::Of(context_).set_loading(nullptr); }

void ModuleFiles::Install(JSContext* context) {
  JS::SetModuleResolveHook(JS_GetRuntime(context), &Resolve);
  // import.meta is an empty object.
  JS::SetModuleMetadataHook(JS_GetRuntime(context),
                            [](JSContext*, JS::HandleValue, JS::HandleObject) { return true; });
}

JSObject* ModuleFiles::Resolve(JSContext* context, JS::HandleValue, JS::HandleObject request) {
  ModuleFiles* files = RunBounds::Of(context).loading();
  JS::RootedString specifier(context, JS::GetModuleRequestSpecifier(context, request));
  std::string import;
  if (!specifier || !AppendUtf8(context, specifier, import)) return nullptr;
  JSObject* found = files == nullptr ? nullptr : files->Find(import);
  if (found == nullptr) JS_ReportErrorUTF8(context, "there is no file %s", import.c_str());
  return found;
}

JSObject* ModuleFiles::Find(absl::string_view import) {
  if (!absl::ConsumePrefix(&import, "./")) return nullptr;
  for (size_t i = 0; i < files_.size(); ++i) {
    if (files_[i].name == import) return modules_[i];
  }
  return nullptr;
}

bool ModuleFiles::Compile() {
  for (const ModuleFile& file : files_) {
    if (!CompileOne(file)) return false;
  }
  for (size_t i = 0; i < files_.size(); ++i) {
    if (!CheckImports(i)) return false;
  }
  return true;
}

bool ModuleFiles::CompileOne(const ModuleFile& file) {
  JS::CompileOptions options(context_);
  options.setFileAndLine(file.name.c_str(), 1);
  options.topLevelAwait = false;
  JS::SourceText<mozilla::Utf8Unit> source;
  if (!source.init(context_, file.text.data(), file.text.size(), JS::SourceOwnership::Borrowed)) {
    return false;
  }
  JS::RootedObject module(context_, JS::CompileModule(context_, options, source));
  return module && modules_.append(module);
}

// The engine would say what it misses, but not where.
bool ModuleFiles::CheckImports(size_t index) {
  JS::RootedObject module(context_, modules_[index]);
  JS::RootedObject requests(context_, JS::GetRequestedModules(context_, module));
  uint32_t count = 0;
  if (!requests || !JS::GetArrayLength(context_, requests, &count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    JS::RootedValue request(context_);
    if (!JS_GetElement(context_, requests, i, &request)) return false;
    JS::RootedString specifier(context_, JS::GetRequestedModuleSpecifier(context_, request));
    std::string import;
    if (!specifier || !AppendUtf8(context_, specifier, import)) return false;
    if (Find(import) != nullptr) continue;
    uint32_t line = 0;
    uint32_t column = 0;
    JS::GetRequestedModuleSourcePos(context_, request, &line, &column);
    refusal_ = absl::StrCat(files_[index].name, ":", line, ":", column + 1, ": imports \"", import,
                            "\"; there is no such file (\"./name\" is one of the module's)");
    return false;
  }
  return true;
}

bool ModuleFiles::Link(absl::string_view entry) {
  entry_ = Find(absl::StrCat("./", entry));
  if (entry_) return JS::ModuleInstantiate(context_, entry_);
  refusal_ = absl::StrCat("there is no file ", entry, " to begin with");
  return false;
}

bool ModuleFiles::Run(JS::MutableHandleObject exports) {
  JS::RootedValue promise(context_);
  if (!JS::ModuleEvaluate(context_, entry_, &promise)) return false;
  if (promise.isObject()) {
    JS::RootedObject object(context_, &promise.toObject());
    if (!JS::ThrowOnModuleEvaluationFailure(context_, object, JS::ThrowModuleErrorsSync)) {
      return false;
    }
  }
  exports.set(JS::GetModuleNamespace(context_, entry_));
  return exports != nullptr;
}

}  // namespace nexus::script
