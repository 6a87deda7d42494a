#pragma once

// What a failed call of the engine left behind, in words.

#include <jsapi.h>

#include <string>

namespace nexus::script {

// Takes the pending exception away. Empty if there is none: what ran was interrupted.
std::string TakeException(JSContext* context);

struct ThrownText {
  std::string text;  // "order.js:12:7: TypeError: ...", of bounded length
  bool stack_is_full = false;
};

// The same, with the place in the files of a module. No code runs, and no source is quoted.
ThrownText TakeThrown(JSContext* context);

}  // namespace nexus::script
