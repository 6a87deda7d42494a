#pragma once

// The built-in functions that OPA's WebAssembly leaves to its host and that depend on nothing but
// their operands. There is none that reads a clock, chance, the network or the process: a bundle
// that calls one is refused when it is loaded.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "policy/wasm/rego_value.h"

namespace nexus::policy {

// What built-in functions take and make is in no instance's memory, so it has bounds of its own.
inline constexpr size_t kOperandBytesMax = 4 << 20;
inline constexpr size_t kResultBytesMax = 4 << 20;

// kInvalidArgument, in words, where OPA's function fails. Pure; thread-safe.
using HostBuiltin = absl::StatusOr<RegoValue> (*)(absl::Span<const RegoValue> operands);

struct NamedBuiltin {
  absl::string_view name;  // in Rego: "sprintf"
  size_t operands;
  HostBuiltin call;
};

// Where it is not called, a decision does not depend on what only its values read
// (policy/opa/plan_reads.h).
inline constexpr absl::string_view kFormattingBuiltin = "sprintf";

// Null if there is none.
const NamedBuiltin* FindHostBuiltin(absl::string_view name);

// Of one family each; sorted by nothing.
absl::Span<const NamedBuiltin> TextBuiltins();
absl::Span<const NamedBuiltin> EncodingBuiltins();
absl::Span<const NamedBuiltin> DigestBuiltins();
absl::Span<const NamedBuiltin> VersionBuiltins();
absl::Span<const NamedBuiltin> UnitBuiltins();
absl::Span<const NamedBuiltin> PatternBuiltins();
absl::Span<const NamedBuiltin> ObjectBuiltins();

// The operand, if it is a string; "operand 2 must be a string".
absl::StatusOr<absl::string_view> StringOperand(absl::Span<const RegoValue> operands, size_t index);

}  // namespace nexus::policy
