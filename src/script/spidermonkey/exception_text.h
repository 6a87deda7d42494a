#pragma once

// What a failed call of the engine left behind, in words.

#include <jsapi.h>

#include <string>

namespace nexus::script {

// Takes the pending exception away. Empty if there is none: what ran was interrupted.
std::string TakeException(JSContext* context);

}  // namespace nexus::script
