#pragma once

// Mozilla's SpiderMonkey (Debian: libmozjs-102) as a ScriptEngine. No type of it is seen outside of
// this folder.

#include <memory>

#include "nexus/core/clock.h"
#include "script/script_engine.h"
#include "script/spidermonkey/watchdog.h"

namespace nexus::script {

class SpiderMonkeyEngine : public ScriptEngine {
 public:
  // Initialises the library once in the life of the process, whatever the number of engines, for it
  // cannot be started again; it is shut down by exit(), when no context may be left. kInternal if
  // it does not start. `clock` must outlive the engine; its Monotonic() must run at the pace of
  // real time.
  static absl::StatusOr<std::unique_ptr<SpiderMonkeyEngine>> Create(const Clock& clock);

  absl::StatusOr<std::unique_ptr<ScriptContext>> NewContext(const ContextLimits& limits) override;

 private:
  explicit SpiderMonkeyEngine(const Clock& clock) : watchdog_(clock) {}

  Watchdog watchdog_;
};

}  // namespace nexus::script
