#pragma once

// How much memory a context holds: for figures, and for tests that nothing leaks.

#include <cstddef>

#include "script/script_engine.h"

namespace nexus::script {

// In bytes, after everything that is garbage has been collected. `context` must be of
// SpiderMonkeyEngine; on its thread.
size_t HeldAfterCollection(ScriptContext& context);

}  // namespace nexus::script
