#include "rpc/peer_address.h"

#include <gtest/gtest.h>

namespace nexus::rpc {
namespace {

TEST(PeerAddressTest, IsTheAddressWithoutThePort) {
  EXPECT_EQ(PeerAddress("ipv4:192.0.2.1:41212"), "192.0.2.1");
  EXPECT_EQ(PeerAddress("ipv4:192.0.2.1:1"), "192.0.2.1");
}

TEST(PeerAddressTest, IsTheNetworkThatOneClientHasOfIpv6) {
  EXPECT_EQ(PeerAddress("ipv6:%5B2001:db8:1:2:3:4:5:6%5D:41212"), "2001:db8:1:2::/64");
  EXPECT_EQ(PeerAddress("ipv6:[2001:db8:1:2:ffff::9]:41212"), "2001:db8:1:2::/64");
  EXPECT_EQ(PeerAddress("ipv6:%5Bfe80::1%25eth0%5D:41212"), "fe80::/64");
}

TEST(PeerAddressTest, IsTheIpv4AddressInsideOfIpv6) {
  EXPECT_EQ(PeerAddress("ipv6:%5B::ffff:192.0.2.1%5D:41212"), "192.0.2.1");
}

TEST(PeerAddressTest, OfAnythingElseOneForAll) {
  EXPECT_EQ(PeerAddress("unix:/run/nexus.sock"), "unix");
  EXPECT_EQ(PeerAddress("ipv6:garbage"), "unknown");
  EXPECT_EQ(PeerAddress("ipv6:["), "unknown");
  EXPECT_EQ(PeerAddress(""), "unknown");
}

}  // namespace
}  // namespace nexus::rpc
