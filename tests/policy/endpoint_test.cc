#include "policy/opa/endpoint.h"

#include <string>

#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "policy/temporary_folder.h"

namespace nexus::policy {
namespace {

TEST(Endpoint, TakesUnixSocketsAndTcpAddresses) {
  for (const char* text : {"unix:/run/opa.sock", "unix:///run/opa.sock", "127.0.0.1:8181",
                           "http://127.0.0.1:8181", "http://127.0.0.1:8181/", "[::1]:8181"}) {
    EXPECT_TRUE(Endpoint::Parse(text).ok()) << text;
  }
}

TEST(Endpoint, EncryptsWhereTheAddressSaysSo) {
  const auto encrypted = Endpoint::Parse("https://127.0.0.1:8181");
  ASSERT_TRUE(encrypted.ok()) << encrypted.status();
  EXPECT_NE(encrypted->tls(), nullptr);
  EXPECT_EQ(encrypted->name(), "127.0.0.1");
  EXPECT_EQ(Endpoint::Parse("http://127.0.0.1:8181")->tls(), nullptr);
  EXPECT_EQ(ReasonOf(Endpoint::Parse("https://127.0.0.1:8181", "/none.pem").status()),
            ErrorReason::kConfigurationInvalid);
}

TEST(Endpoint, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "unix:", "unix:relative", "localhost", ":8181", "127.0.0.1:0",
                           "127.0.0.1:65536", "127.0.0.1:x", "https://127.0.0.1:8181/v1"}) {
    EXPECT_EQ(ReasonOf(Endpoint::Parse(text).status()), ErrorReason::kConfigurationInvalid) << text;
  }
}

TEST(Endpoint, RefusesAPathThatNoSocketCanHave) {
  const std::string longest(Endpoint::UnixPathBytesMax() - 1, 'x');
  EXPECT_TRUE(Endpoint::Parse("unix:/" + longest).ok());
  EXPECT_FALSE(Endpoint::Parse("unix:/" + longest + "x").ok());
}

TEST(Endpoint, SaysThatNobodyListens) {
  const TemporaryFolder folder;
  const auto endpoint = Endpoint::Parse("unix:" + folder.Sub("none.sock"));
  ASSERT_TRUE(endpoint.ok());
  EXPECT_TRUE(absl::IsUnavailable(endpoint->Connect().status()));
}

}  // namespace
}  // namespace nexus::policy
