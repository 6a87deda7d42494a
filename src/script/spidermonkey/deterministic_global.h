#pragma once

// Global objects for code that must give the same result whenever and wherever it runs.

#include <jsapi.h>

#include "absl/strings/string_view.h"

namespace nexus::script {

// What our own script is called where the engine names files.
inline constexpr absl::string_view kPreludeName = "nexus:prelude";

// In a realm and zone of its own, with everything that JavaScript brings frozen, and without what
// differs between two runs: clock, chance, locale, time zone, threads, weak references, code made
// from text. Null with an exception pending if memory is short.
JSObject* NewDeterministicGlobal(JSContext* context);

// Refuses to make code from text, for all realms of the context; WebAssembly is let through.
// Promises never run. Once for each context, before it runs anything.
void ForbidWhatIsNotDeterministic(JSContext* context);

}  // namespace nexus::script
