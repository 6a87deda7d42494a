#pragma once

// How much memory a module of WebAssembly asks its host for. Pure.
// https://webassembly.github.io/spec/core/binary/modules.html#import-section

#include <cstddef>

#include "absl/strings/string_view.h"

namespace nexus::policy {

// Bytes that the memory which `wasm` imports has at least; 0 if it imports none or is not sound.
size_t ImportedMemoryMin(absl::string_view wasm);

}  // namespace nexus::policy
