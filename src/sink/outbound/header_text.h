#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace nexus::sink {

// A value for a header that is a line of text (HTTP, NATS), as the HTTP binding of CloudEvents has
// it: what is not printable ASCII, the space, '"' and '%' become %XX, byte by byte.
std::string HeaderText(absl::string_view value);

}  // namespace nexus::sink
