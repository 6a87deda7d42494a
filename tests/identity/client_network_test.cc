#include "identity/client_network.h"

#include <gtest/gtest.h>

namespace nexus::identity {
namespace {

TEST(ClientNetworkTest, IsAnIpv4AddressItself) {
  EXPECT_EQ(ClientNetwork("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(ClientNetwork("::ffff:192.0.2.1"), "192.0.2.1");
}

TEST(ClientNetworkTest, IsWhatOneClientIsGivenOfIpv6) {
  EXPECT_EQ(ClientNetwork("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(ClientNetwork("fe80::1%eth0"), "fe80::/64");
}

TEST(ClientNetworkTest, IsOneForAllThatCannotBeRead) {
  for (const char* host : {"", "%", "garbage", "192.0.2", "192.0.2.1:80", "[::1]"}) {
    EXPECT_EQ(ClientNetwork(host), "unknown") << host;
  }
}

}  // namespace
}  // namespace nexus::identity
