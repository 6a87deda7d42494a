#pragma once

// Makes a failing built-in function end the evaluation.
//
// OPA's WebAssembly takes a built-in that fails (a string where a number should be, a division by
// zero) for undefined, so that a `deny` rule which trips over its input denies nothing. The server
// asks for the opposite (docs/reference/policy-input.md, "The answer"), and `opa` has a switch for
// it, which its compiler has not. So the module is rewritten when it is loaded: each built-in that
// can fail gives its place to a few instructions that call it and abort if it returns nothing.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::policy {

// `json.unmarshal` is replaced altogether: OPA's WebAssembly reads the first value of a text and
// overlooks what follows. In its place opa_builtin1() is called with this number.
inline constexpr int32_t kHostUnmarshal = -1;

// The module with strict built-ins. CONFIGURATION_INVALID if it is not sound or has no names of
// functions to find the built-ins by.
absl::StatusOr<std::string> MakeBuiltinsStrict(absl::string_view wasm);

// opa_abort() is called with the address of a text; these instructions call it with an address
// beyond any memory. The name of the built-in, "" for an address of a text.
absl::string_view FailedBuiltin(int32_t abort_address);

}  // namespace nexus::policy
