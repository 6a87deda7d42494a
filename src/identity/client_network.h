#pragma once

// Where a client is, as far as it tells one client from another.

#include <string>

#include "absl/strings/string_view.h"

namespace nexus::identity {

// `host` without a port: "192.0.2.1" gives itself. Of an IPv6 address the first 64 bits, which are
// what one client is given: "2001:db8::1" gives "2001:db8::/64". "unknown" for what cannot be read.
std::string ClientNetwork(absl::string_view host);

}  // namespace nexus::identity
