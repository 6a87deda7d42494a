#pragma once

// Text by a format as `sprintf` of Rego takes it, which is that of Go's fmt package. Pure.

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "policy/wasm/rego_value.h"

namespace nexus::policy {

// Numbers without a fraction or exponent are integers, other numbers are floats, strings are
// strings, and everything else is the text of the value. A verb that does not suit its argument is
// told within the result (%!d(string=x)), as Go does. Widths and precisions are taken up to 10,000.
// Nothing: the text is larger than kResultBytesMax (policy/wasm/host_builtins.h).
std::optional<std::string> FormatText(absl::string_view format,
                                      absl::Span<const RegoValue> arguments);

}  // namespace nexus::policy
