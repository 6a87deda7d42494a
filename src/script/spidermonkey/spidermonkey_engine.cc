#include "script/spidermonkey/spidermonkey_engine.h"

#include <js/Initialization.h>
#include <jsapi.h>

#include "absl/memory/memory.h"
#include "script/spidermonkey/spidermonkey_context.h"

namespace nexus::script {
namespace {

// The library is the process's, so its state is, too: it starts with the first engine and ends with
// the process, when its own threads must be gone before its locks are.
class Library {
 public:
  Library() : started_(JS_Init()) {
    // The same results on every machine, whatever its libm computes.
    JS::SetUseFdlibmForSinCosTan(true);
  }
  ~Library() {
    if (started_) JS_ShutDown();
  }
  bool started() const { return started_; }

 private:
  const bool started_;
};

bool InitialiseOnce() {
  static const Library library;
  return library.started();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SpiderMonkeyEngine>> SpiderMonkeyEngine::Create(const Clock& clock) {
  if (!InitialiseOnce()) return absl::InternalError("the script engine does not start");
  return absl::WrapUnique(new SpiderMonkeyEngine(clock));
}

absl::StatusOr<std::unique_ptr<ScriptContext>> SpiderMonkeyEngine::NewContext(
    const ContextLimits& limits) {
  return SpiderMonkeyContext::Create(limits, watchdog_);
}

}  // namespace nexus::script
