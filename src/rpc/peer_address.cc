#include "rpc/peer_address.h"

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "identity/client_network.h"

namespace nexus::rpc {
namespace {

// "[2001:db8::1%eth0]:41212"; gRPC writes the brackets and the zone's sign as %5B, %5D and %25.
std::string NetworkOf(absl::string_view peer) {
  const std::string text = absl::StrReplaceAll(peer, {{"%5B", "["}, {"%5D", "]"}, {"%25", "%"}});
  const size_t close = text.find(']');
  if (text.empty() || text[0] != '[' || close == std::string::npos) return "unknown";
  return identity::ClientNetwork(absl::string_view(text).substr(1, close - 1));
}

}  // namespace

std::string PeerAddress(absl::string_view peer) {
  if (absl::StartsWith(peer, "unix")) return "unix";
  if (absl::ConsumePrefix(&peer, "ipv6:")) return NetworkOf(peer);
  if (!absl::ConsumePrefix(&peer, "ipv4:")) return "unknown";
  return identity::ClientNetwork(peer.substr(0, peer.rfind(':')));
}

}  // namespace nexus::rpc
