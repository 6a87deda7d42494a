#include "identity/authentication/certificate_principal.h"

#include <string>

#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::identity {
namespace {

std::string NameOf(const tls::PeerNames& names) {
  const auto principal = PrincipalOfCertificate(names);
  if (!principal.ok()) {
    EXPECT_EQ(ReasonOf(principal.status()), ErrorReason::kUnauthenticated);
    return "refused";
  }
  EXPECT_EQ(principal->method, "mtls");
  EXPECT_TRUE(principal->authenticated);
  EXPECT_TRUE(principal->roles.empty());
  return principal->name;
}

TEST(CertificatePrincipalTest, IsTheUriElseTheDnsNameElseTheCommonName) {
  EXPECT_EQ(NameOf({{"spiffe://a/shop"}, {"shop.example.com"}, {"Shop"}}), "spiffe://a/shop");
  EXPECT_EQ(NameOf({{}, {"shop.example.com"}, {"Shop"}}), "shop.example.com");
  EXPECT_EQ(NameOf({{}, {}, {"Shop"}}), "Shop");
}

TEST(CertificatePrincipalTest, RefusesWhatCanBeReadInTwoWays) {
  EXPECT_EQ(NameOf({{"spiffe://a/x", "spiffe://a/y"}, {}, {"x"}}), "refused");
  EXPECT_EQ(NameOf({{}, {"a.example.com", "b.example.com"}, {"a"}}), "refused");
  EXPECT_EQ(NameOf({{}, {}, {"a", "b"}}), "refused");
  EXPECT_EQ(NameOf({}), "refused");
}

TEST(CertificatePrincipalTest, RefusesNamesThatNobodyMayHave) {
  for (const std::string& name :
       {std::string(), std::string("anonymous"), std::string("a\0b", 3), std::string("a\nb"),
        std::string("\xC3\xA4"), std::string(256, 'a')}) {
    EXPECT_EQ(NameOf({{}, {}, {name}}), "refused") << name;
  }
}

}  // namespace
}  // namespace nexus::identity
