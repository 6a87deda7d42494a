#pragma once

// JavaScript that is not ours: a module of ES2022 with its functions, and the values that they
// give.
//
// Code is deterministic: it has no clock, no chance, no locale, no input or output, and nothing
// that shows when memory is collected. All that differs between two calls is in their arguments.
// Globals are frozen. A variable of the module itself could still carry something from one call to
// the next; nothing prevents it but tests that run each case in a module of its own.
//
// Belongs to the thread of its context, and goes before it.

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "absl/types/variant.h"

namespace nexus::script {

struct ModuleFile {
  std::string name;  // as an import says it, less "./"; it stands in errors
  std::string text;
};

struct CallLimits {
  absl::Duration time_max = absl::Milliseconds(50);  // of the processor
  size_t bytes_max = 64 << 20;  // that the engine may hold more after the call than before it
};

// A value that stays in the engine. Belongs to its module's thread and goes before the module.
class ScriptValue {
 public:
  virtual ~ScriptValue() = default;
};

// JSON text, or a value that this module's calls gave.
using ScriptArgument = absl::variant<absl::string_view, const ScriptValue*>;

using ScriptFunction = size_t;

// Errors of what runs code: kInvalidArgument: an argument is no JSON. kDeadlineExceeded:
// interrupted after `time_max`. kResourceExhausted: too much memory, or the stack is full.
// kAborted: it threw; the message has file, line and column, then what the exception says.
// kFailedPrecondition: the result is no JSON value (undefined, a function, a promise, a cycle, a
// number that is not finite). After kDeadlineExceeded and kResourceExhausted the module is to be
// thrown away.
class ScriptModule {
 public:
  virtual ~ScriptModule() = default;

  // A function that the entry module exports. kNotFound.
  virtual absl::StatusOr<ScriptFunction> Find(absl::string_view name) = 0;

  // An exported value, kept. kNotFound.
  virtual absl::StatusOr<std::unique_ptr<ScriptValue>> Get(absl::string_view name) = 0;

  // Calls it and keeps the result, whatever it is.
  virtual absl::StatusOr<std::unique_ptr<ScriptValue>> Call(
      ScriptFunction function, absl::Span<const ScriptArgument> arguments,
      const CallLimits& limits) = 0;

  // Calls it and gives the result as JSON text.
  virtual absl::StatusOr<std::string> CallForJson(ScriptFunction function,
                                                  absl::Span<const ScriptArgument> arguments,
                                                  const CallLimits& limits) = 0;

  // The value as JSON text. Runs no code of the module (a `toJSON` is not called).
  virtual absl::StatusOr<std::string> ToJson(const ScriptValue& value,
                                             const CallLimits& limits) = 0;
};

}  // namespace nexus::script
