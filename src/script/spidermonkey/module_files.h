#pragma once

// The files of one module, compiled and linked with one another.

#include <js/GCVector.h>
#include <js/RootingAPI.h>
#include <jsapi.h>

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "script/script_module.h"

namespace nexus::script {

// In the realm that is entered. On the stack; while it lives, imports are looked up in it.
class ModuleFiles {
 public:
  ModuleFiles(JSContext* context, absl::Span<const ModuleFile> files);
  ~ModuleFiles();

  // Each: false with an exception pending, or a refusal.
  bool Compile();
  bool Link(absl::string_view entry);
  bool Run(JS::MutableHandleObject exports);

  // What is wrong where the engine has no words for it.
  const std::string& refusal() const { return refusal_; }

  // Tells the engine how imports are looked up. Once for each context.
  static void Install(JSContext* context);

 private:
  bool CompileOne(const ModuleFile& file);
  bool CheckImports(size_t index);
  JSObject* Find(absl::string_view import);
  static JSObject* Resolve(JSContext* context, JS::HandleValue importer, JS::HandleObject request);

  JSContext* const context_;
  const absl::Span<const ModuleFile> files_;
  JS::RootedVector<JSObject*> modules_;  // of files_
  JS::RootedObject entry_;
  std::string refusal_;
};

}  // namespace nexus::script
