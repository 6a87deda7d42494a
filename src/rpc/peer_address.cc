#include "rpc/peer_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace nexus::rpc {
namespace {

constexpr char kUnknown[] = "unknown";
constexpr size_t kNetworkBytes = 8;

// "[2001:db8::1%eth0]:41212"; gRPC writes the brackets and the zone's sign as %5B, %5D and %25.
std::string NetworkOf(absl::string_view peer) {
  std::string text = absl::StrReplaceAll(peer, {{"%5B", "["}, {"%5D", "]"}, {"%25", "%"}});
  const size_t close = text.find(']');
  if (text.empty() || text[0] != '[' || close == std::string::npos) return kUnknown;
  text = text.substr(1, close - 1);
  if (const size_t zone = text.find('%'); zone != std::string::npos) text.resize(zone);
  in6_addr address;
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return kUnknown;
  std::array<char, INET6_ADDRSTRLEN> printed;
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    const bool ok = inet_ntop(AF_INET, &address.s6_addr[12], printed.data(), printed.size());
    return ok ? std::string(printed.data()) : kUnknown;
  }
  std::memset(&address.s6_addr[kNetworkBytes], 0, sizeof(address.s6_addr) - kNetworkBytes);
  const bool ok = inet_ntop(AF_INET6, &address, printed.data(), printed.size());
  return ok ? absl::StrCat(printed.data(), "/64") : kUnknown;
}

}  // namespace

std::string PeerAddress(absl::string_view peer) {
  if (absl::StartsWith(peer, "unix")) return "unix";
  if (absl::ConsumePrefix(&peer, "ipv6:")) return NetworkOf(peer);
  if (!absl::ConsumePrefix(&peer, "ipv4:")) return kUnknown;
  return std::string(peer.substr(0, peer.rfind(':')));
}

}  // namespace nexus::rpc
