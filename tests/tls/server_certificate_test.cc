#include "tls/server_certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "fake/temp_folder.h"
#include "nexus/core/errors.h"
#include "nexus/core/system_clock.h"
#include "tls/certificate_maker.h"
#include "tls/peer_names.h"

namespace nexus::tls {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ServerCertificateTest : public ::testing::Test {
 protected:
  CertificateFiles Write(const std::string& certificate, const std::string& key,
                         const std::string& client_ca = "") {
    CertificateFiles files{folder_.Write("cert.pem", certificate), folder_.Write("key.pem", key),
                           ""};
    if (!client_ca.empty()) files.client_ca = folder_.Write("ca.pem", client_ca);
    return files;
  }
  void ExpectRefused(const CertificateFiles& files, const std::string& file,
                     const std::string& why) {
    const auto loaded = LoadServerCertificate(files, clock_.Now());
    EXPECT_EQ(ReasonOf(loaded.status()), ErrorReason::kConfigurationInvalid);
    EXPECT_THAT(std::string(loaded.status().message()), AllOf(HasSubstr(file), HasSubstr(why)));
    EXPECT_THAT(std::string(loaded.status().message()), Not(HasSubstr("BEGIN")));
  }

  const fake::TempFolder folder_;
  const fake::CertificateMaker maker_;
  const SystemClock clock_;
};

TEST_F(ServerCertificateTest, GivesBackWhatItReadAndNothingElse) {
  const fake::Certificate own = maker_.Server();
  const auto loaded = LoadServerCertificate(
      Write(absl::StrCat("a remark\n", own.certificate, "\n", maker_.ca()), own.key, maker_.ca()),
      clock_.Now());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->chain, own.certificate + maker_.ca());
  EXPECT_EQ(loaded->key, own.key);
  EXPECT_EQ(loaded->client_ca, maker_.ca());
  EXPECT_EQ(loaded->fingerprint.size(), 64u);
  EXPECT_GT(loaded->expires, clock_.Now());
}

TEST_F(ServerCertificateTest, RefusesWhatCannotBeUsedAndNamesTheFile) {
  const fake::Certificate own = maker_.Server();
  const fake::Certificate other = maker_.Server();
  ExpectRefused(Write(own.certificate, other.key), "key.pem", "is not the key of");
  ExpectRefused(Write("", own.key), "cert.pem", "holds no certificate");
  ExpectRefused(Write(own.certificate, ""), "key.pem", "holds no private key");
  ExpectRefused(Write(own.certificate.substr(0, 200), own.key), "cert.pem", "");
  ExpectRefused(Write(own.certificate, own.key, "nothing"), "ca.pem", "holds no certificate");
  ExpectRefused({folder_.At("none.pem"), folder_.At("key.pem"), ""}, "none.pem", "cannot be read");
  ExpectRefused(Write(std::string((1 << 20) + 1, 'x'), own.key), "cert.pem", "1 MiB");
}

TEST_F(ServerCertificateTest, RefusesOneThatIsNotValidNow) {
  const fake::Certificate expired = maker_.Make({"nexusd", {}, -7'200, -3'600});
  ExpectRefused(Write(expired.certificate, expired.key), "cert.pem", "has expired");
  const fake::Certificate early = maker_.Make({"nexusd", {}, 3'600, 7'200});
  ExpectRefused(Write(early.certificate, early.key), "cert.pem", "is not valid yet");
}

TEST_F(ServerCertificateTest, RefusesAKeyWithAPassphrase) {
  const fake::Certificate own = maker_.Server();
  ExpectRefused(Write(own.certificate,
                      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n"
                      "-----END ENCRYPTED PRIVATE KEY-----\n"),
                "key.pem", "without a passphrase");
}

TEST(PeerNamesTest, AreReadFromPem) {
  const fake::CertificateMaker maker;
  const PeerNames names = NamesInPem(
      maker.Make({"shop", {"URI:urn:a", "DNS:b", "IP:127.0.0.1", "URI:urn:c"}}).certificate);
  EXPECT_THAT(names.uris, ElementsAre("urn:a", "urn:c"));
  EXPECT_THAT(names.dns_names, ElementsAre("b"));
  EXPECT_THAT(names.common_names, ElementsAre("shop"));
  EXPECT_TRUE(NamesInPem("nothing").common_names.empty());
}

}  // namespace
}  // namespace nexus::tls
