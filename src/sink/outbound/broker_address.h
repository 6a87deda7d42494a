#pragma once

// Where the nodes of a broker are.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::sink {

struct BrokerAddress {
  std::string host;  // an IPv6 address without its brackets
  int port = 0;

  // As it stands in a URL.
  std::string HostAndPort() const;
};

// "host[:port],host[:port]", an IPv6 address in brackets. CONFIGURATION_INVALID, naming `option`;
// what stands where a name and a password would is refused and not repeated.
absl::StatusOr<std::vector<BrokerAddress>> ParseBrokerAddresses(absl::string_view text,
                                                                int default_port,
                                                                absl::string_view option);

}  // namespace nexus::sink
