#pragma once

// A WebAssembly module that can be called, with its memory.
//
// Belongs to the thread that made it, as its context does, and goes before it. Values are 32-bit
// integers: numbers and addresses in the memory. Whatever a call did wrong, its memory is in an
// unknown state afterwards: throw the instance away.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace nexus::script {

// Compiled code. Immutable; thread-safe; any context can make instances of it.
class CompiledWasm {
 public:
  virtual ~CompiledWasm() = default;
};

// A function of the host that the module calls. An error ends the call that led here, which then
// returns this very error.
struct HostFunction {
  std::string name;
  std::function<absl::StatusOr<int32_t>(absl::Span<const int32_t>)> call;
};

// What the module is given. Everything is imported from one module name.
struct WasmImports {
  std::string module = "env";
  std::string memory = "memory";
  size_t memory_bytes_min = 128 << 10;  // in pages of 64 KiB
  size_t memory_bytes_max = 64 << 20;   // it cannot grow further
  std::vector<HostFunction> functions;
  absl::Duration start_time_max = absl::Seconds(1);  // of its start function
};

using WasmFunction = size_t;

class WasmInstance {
 public:
  virtual ~WasmInstance() = default;

  // A function that the module exports. kNotFound.
  virtual absl::StatusOr<WasmFunction> Find(absl::string_view name) = 0;

  // Calls it; 0 if it returns nothing. A host function may call, too: then the limit of the outer
  // call holds. kDeadlineExceeded: interrupted after `time_max`. kInternal: it trapped. Else the
  // error of a host function.
  virtual absl::StatusOr<int32_t> Call(WasmFunction function, absl::Span<const int32_t> arguments,
                                       absl::Duration time_max) = 0;

  // All of it. Valid until the next call or growth.
  virtual absl::Span<uint8_t> memory() = 0;

  // Makes the memory at least this large. kResourceExhausted beyond its maximum.
  virtual absl::Status Grow(size_t bytes_min) = 0;
};

}  // namespace nexus::script
