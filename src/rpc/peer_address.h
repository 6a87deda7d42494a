#pragma once

// Where a call comes from, as far as it tells one client from another.

#include <string>

#include "absl/strings/string_view.h"

namespace nexus::rpc {

// `peer` as gRPC has it: "ipv4:192.0.2.1:41212" gives "192.0.2.1". Of an IPv6 address the first 64
// bits, which are what one client is given: "2001:db8::/64". "unix" for a local socket, and
// "unknown" for what cannot be read.
std::string PeerAddress(absl::string_view peer);

}  // namespace nexus::rpc
