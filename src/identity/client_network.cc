#include "identity/client_network.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace nexus::identity {
namespace {

constexpr char kUnknown[] = "unknown";
constexpr size_t kNetworkBytes = 8;

}  // namespace

std::string ClientNetwork(absl::string_view host) {
  const std::string text(host.substr(0, host.find('%')));  // without the zone
  std::array<char, INET6_ADDRSTRLEN> printed;
  if (in_addr address; inet_pton(AF_INET, text.c_str(), &address) == 1) return text;
  in6_addr address;
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return kUnknown;
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    const bool ok = inet_ntop(AF_INET, &address.s6_addr[12], printed.data(), printed.size());
    return ok ? std::string(printed.data()) : kUnknown;
  }
  std::memset(&address.s6_addr[kNetworkBytes], 0, sizeof(address.s6_addr) - kNetworkBytes);
  const bool ok = inet_ntop(AF_INET6, &address, printed.data(), printed.size());
  return ok ? absl::StrCat(printed.data(), "/64") : kUnknown;
}

}  // namespace nexus::identity
