#pragma once

// Policies that are loaded, with what they have decided so far.

#include <cstddef>
#include <memory>
#include <utility>

#include "policy/wasm/decision_cache.h"
#include "policy/wasm/wasm_program.h"

namespace nexus::policy {

// Thread-safe. Replaced as a whole, while those that were asked before still use it.
struct EmbeddedPolicies {
  EmbeddedPolicies(std::shared_ptr<const WasmProgram> with, size_t cache_bytes_max)
      : program(std::move(with)), cache(cache_bytes_max) {}

  const std::shared_ptr<const WasmProgram> program;
  DecisionCache cache;  // of this program alone
};

}  // namespace nexus::policy
