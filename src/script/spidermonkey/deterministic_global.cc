#include "script/spidermonkey/deterministic_global.h"

#include <js/CompilationAndEvaluation.h>
#include <js/ContextOptions.h>
#include <js/GlobalObject.h>
#include <js/Principals.h>
#include <js/Promise.h>
#include <js/Realm.h>
#include <js/RealmOptions.h>
#include <js/SourceText.h>

#include "script/spidermonkey/prelude.h"

namespace nexus::script {
namespace {

const JSClass kDomainGlobalClass = {
    "global", JSCLASS_GLOBAL_FLAGS, &JS::DefaultGlobalClassOps, nullptr, nullptr, nullptr};

bool AllowsCode(JSContext*, JS::RuntimeCode kind, JS::HandleString) {
  return kind == JS::RuntimeCode::WASM;
}

const JSSecurityCallbacks kSecurity = {&AllowsCode, nullptr};

// A call gives its result at once, so that nothing could run afterwards. To say so beats silence.
class NoJobs : public JS::JobQueue {
 public:
  JSObject* getIncumbentGlobal(JSContext* context) override {
    return JS::CurrentGlobalOrNull(context);
  }
  bool enqueuePromiseJob(JSContext* context, JS::HandleObject, JS::HandleObject, JS::HandleObject,
                         JS::HandleObject) override {
    JS_ReportErrorASCII(context, "promises never run here: await and then() cannot be used");
    return false;
  }
  void runJobs(JSContext*) override {}
  bool empty() const override { return true; }

 private:
  js::UniquePtr<SavedJobQueue> saveJobQueue(JSContext*) override {
    return js::MakeUnique<SavedJobQueue>();
  }
};

bool RunPrelude(JSContext* context) {
  JS::CompileOptions options(context);
  options.setFileAndLine(kPreludeName.data(), 1).setNoScriptRval(true);
  JS::SourceText<mozilla::Utf8Unit> source;
  JS::RootedValue ignored(context);
  return source.init(context, kPrelude.data(), kPrelude.size(), JS::SourceOwnership::Borrowed) &&
         JS::Evaluate(context, options, source, &ignored);
}

}  // namespace

JSObject* NewDeterministicGlobal(JSContext* context) {
  JS::RealmOptions options;
  options.creationOptions()
      .setNewCompartmentAndZone()
      .setSharedMemoryAndAtomicsEnabled(false)
      .setWeakRefsEnabled(JS::WeakRefSpecifier::Disabled)
      .setStreamsEnabled(false);
  JS::RootedObject global(context, JS_NewGlobalObject(context, &kDomainGlobalClass, nullptr,
                                                      JS::DontFireOnNewGlobalHook, options));
  if (!global) return nullptr;
  const JSAutoRealm realm(context, global);
  return RunPrelude(context) ? global.get() : nullptr;
}

void ForbidWhatIsNotDeterministic(JSContext* context) {
  static NoJobs no_jobs;  // has no state
  JS::SetJobQueue(context, &no_jobs);
  JS_SetSecurityCallbacks(context, &kSecurity);
  JS::ContextOptionsRef(context).setAsmJS(false).setAsyncStack(false).setSourcePragmas(false);
}

}  // namespace nexus::script
