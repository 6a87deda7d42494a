#include "identity/jwt/jwt_verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "fake/manual_clock.h"
#include "identity/jwt/base64url.h"
#include "identity/jwt/token_maker.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::identity {
namespace {

using fake::Base64Url;
using fake::TokenMaker;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kNow = 1'700'000'000;  // of ManualClock, in seconds

class FixedKeys : public KeySource {
 public:
  JwkSetPtr Keys() const override { return keys; }
  bool Missed() override {
    ++missed;
    return newer_may_come;
  }

  JwkSetPtr keys;
  int missed = 0;
  bool newer_may_come = false;
};

std::string CauseOf(const absl::Status& status) {
  for (const auto& [key, value] : DetailsOf(status).metadata) {
    if (key == "cause") return value;
  }
  return status.ok() ? "OK" : "none";
}

class JwtVerifierTest : public ::testing::Test {
 protected:
  static const TokenMaker& Maker() {
    static const TokenMaker& maker = *new TokenMaker("ES256");
    return maker;
  }
  void SetUp() override { Trust(Maker().KeySet()); }
  void Trust(const std::string& key_set) {
    auto parsed = JwkSet::Parse(key_set, json_);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    keys_.keys = std::make_shared<const JwkSet>(*std::move(parsed));
  }
  JwtIssuer Issuer() {
    JwtIssuer issuer;
    issuer.issuer = "https://id.example.com";
    issuer.audiences = {"nexus", "https://nexus.example.com"};
    issuer.roles_claim = "roles";
    issuer.keys = &keys_;
    return issuer;
  }
  JwtVerifier Verifier() { return JwtVerifier({Issuer()}, options_, clock_, json_); }
  // Claims that pass, with `extra` replacing or adding members.
  static std::string Claims(const std::string& extra = "", const std::string& without = "") {
    std::vector<std::pair<std::string, std::string>> members = {
        {"iss", "\"https://id.example.com\""},
        {"aud", "\"nexus\""},
        {"sub", "\"shop\""},
        {"exp", absl::StrCat(kNow + 300)},
        {"iat", absl::StrCat(kNow)}};
    std::string text = "{";
    for (const auto& [name, value] : members) {
      const std::string quoted = absl::StrCat("\"", name, "\":");
      if (name == without || absl::StrContains(extra, quoted)) continue;
      absl::StrAppend(&text, text.size() > 1 ? "," : "", quoted, value);
    }
    if (!extra.empty()) absl::StrAppend(&text, text.size() > 1 ? "," : "", extra);
    return text + "}";
  }
  std::string CauseFor(const std::string& claims) {
    JwtVerifier verifier = Verifier();
    return CauseOf(verifier.Verify(Maker().Sign(claims)).status());
  }

  fake::ManualClock clock_;
  schema::SimdJsonReader json_{16};
  FixedKeys keys_;
  JwtOptions options_;
};

TEST_F(JwtVerifierTest, BelievesATokenOfEveryAlgorithmThatIsTaken) {
  for (const char* algorithm : {"RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"}) {
    const TokenMaker maker(algorithm);
    Trust(maker.KeySet());
    JwtVerifier verifier = Verifier();
    const auto principal = verifier.Verify(maker.Sign(Claims(R"("roles":["reader","ops"])")));
    ASSERT_TRUE(principal.ok()) << algorithm << ": " << principal.status();
    EXPECT_EQ((*principal)->name, "shop");
    EXPECT_EQ((*principal)->method, "jwt");
    EXPECT_TRUE((*principal)->authenticated);
    EXPECT_THAT((*principal)->roles, ElementsAre("reader", "ops"));
  }
}

TEST_F(JwtVerifierTest, RefusesEverySignatureWithOneBitChanged) {
  for (const char* algorithm : {"RS256", "PS256", "ES256", "ES384", "EdDSA"}) {
    const TokenMaker maker(algorithm);
    Trust(maker.KeySet());
    JwtVerifier verifier = Verifier();
    const std::string token = maker.Sign(Claims());
    const size_t dot = token.rfind('.');
    std::string signature = *DecodeBase64Url(token.substr(dot + 1));
    for (size_t at = 0; at < signature.size(); at += 7) {
      std::string changed = signature;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      const std::string bad = absl::StrCat(token.substr(0, dot + 1), Base64Url(changed));
      EXPECT_EQ(CauseOf(verifier.Verify(bad).status()), "SIGNATURE") << algorithm << " " << at;
    }
    for (const std::string& other :
         {std::string(signature.size(), '\0'), signature.substr(1), signature + signature[0]}) {
      const std::string bad = absl::StrCat(token.substr(0, dot + 1), Base64Url(other));
      EXPECT_EQ(CauseOf(verifier.Verify(bad).status()), "SIGNATURE") << algorithm;
    }
  }
}

TEST_F(JwtVerifierTest, RefusesClaimsThatTheIssuerDidNotSign) {
  JwtVerifier verifier = Verifier();
  const std::vector<std::string> parts = absl::StrSplit(Maker().Sign(Claims()), '.');
  const std::string forged =
      absl::StrCat(parts[0], ".", Base64Url(Claims(R"("sub":"admin")")), ".", parts[2]);
  EXPECT_EQ(CauseOf(verifier.Verify(forged).status()), "SIGNATURE");
  const TokenMaker stranger("ES256");
  EXPECT_EQ(CauseOf(verifier.Verify(stranger.Sign(Claims())).status()), "SIGNATURE");
}

TEST_F(JwtVerifierTest, RefusesTokensWithoutASignatureOrWithASymmetricOne) {
  JwtVerifier verifier = Verifier();
  const std::string payload = Base64Url(Claims());
  for (const char* algorithm : {"none", "None", "NONE", "nOnE", "HS256", "HS512", "", "ES256K"}) {
    const std::string header =
        Base64Url(absl::StrCat(R"({"alg":")", algorithm, R"(","kid":"key-1"})"));
    for (const char* signature : {"", "AAAA"}) {
      const std::string token = absl::StrCat(header, ".", payload, ".", signature);
      EXPECT_EQ(CauseOf(verifier.Verify(token).status()), "ALGORITHM") << algorithm;
    }
  }
  EXPECT_EQ(
      CauseOf(verifier.Verify(absl::StrCat(Base64Url(R"({"kid":"key-1"})"), ".", payload, ".AAAA"))
                  .status()),
      "ALGORITHM");
}

TEST_F(JwtVerifierTest, RefusesAPublicKeyThatIsUsedAsASharedSecret) {
  // The classic confusion: the key set, which everybody has, as the key of an HMAC.
  JwtVerifier verifier = Verifier();
  const std::string secret = Maker().Jwk();
  const std::string text = absl::StrCat(Base64Url(R"({"alg":"HS256","kid":"key-1"})"), ".",
                                        Base64Url(Claims(R"("sub":"admin")")));
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  const std::string token = absl::StrCat(
      text, ".", Base64Url(absl::string_view(reinterpret_cast<const char*>(mac), size)));
  EXPECT_EQ(CauseOf(verifier.Verify(token).status()), "ALGORITHM");
}

TEST_F(JwtVerifierTest, RefusesAnAlgorithmThatIsNotAllowedOrNotTheKeysOwn) {
  JwtIssuer issuer = Issuer();
  issuer.algorithms = {SignatureAlgorithm::kEdDsa};
  JwtVerifier strict({issuer}, options_, clock_, json_);
  EXPECT_EQ(CauseOf(strict.Verify(Maker().Sign(Claims())).status()), "ALGORITHM");

  // One RSA key makes RS256 and PS256, unless it says which.
  const TokenMaker maker("PS256");
  Trust(absl::StrCat("{\"keys\":[", maker.Jwk(R"(,"alg":"RS256")"), "]}"));
  JwtVerifier verifier = Verifier();
  EXPECT_EQ(CauseOf(verifier.Verify(maker.Sign(Claims())).status()), "ALGORITHM");
  // An EC key does not make RSA signatures.
  Trust(Maker().KeySet());
  EXPECT_EQ(CauseOf(verifier.Verify(maker.Sign(Claims())).status()), "ALGORITHM");
}

TEST_F(JwtVerifierTest, ChecksWhoIssuedTheTokenAndForWhom) {
  EXPECT_EQ(CauseFor(Claims()), "OK");
  EXPECT_EQ(CauseFor(Claims(R"("iss":"https://id.example.com/")")), "ISSUER");
  EXPECT_EQ(CauseFor(Claims(R"("iss":["https://id.example.com"])")), "ISSUER");
  EXPECT_EQ(CauseFor(Claims("", "iss")), "ISSUER");
  EXPECT_EQ(CauseFor(Claims(R"("aud":["other","nexus"])")), "OK");
  EXPECT_EQ(CauseFor(Claims(R"("aud":["other"])")), "AUDIENCE");
  EXPECT_EQ(CauseFor(Claims(R"("aud":"Nexus")")), "AUDIENCE");
  EXPECT_EQ(CauseFor(Claims(R"("aud":[])")), "AUDIENCE");
  EXPECT_EQ(CauseFor(Claims(R"("aud":["nexus",7])")), "AUDIENCE");
  EXPECT_EQ(CauseFor(Claims(R"("aud":{"nexus":1})")), "AUDIENCE");
  EXPECT_EQ(CauseFor(Claims("", "aud")), "AUDIENCE");
}

TEST_F(JwtVerifierTest, ChecksTimesWithABoundedSkew) {
  const auto claim = [](const char* name, int64_t at) {
    return Claims(absl::StrCat("\"", name, "\":", kNow + at));
  };
  EXPECT_EQ(CauseFor(claim("exp", -59)), "OK");
  EXPECT_EQ(CauseFor(claim("exp", -60)), "EXPIRED");
  EXPECT_EQ(CauseFor(claim("nbf", 60)), "OK");
  EXPECT_EQ(CauseFor(claim("nbf", 61)), "NOT_YET_VALID");
  EXPECT_EQ(CauseFor(claim("iat", 61)), "NOT_YET_VALID");
  EXPECT_EQ(CauseFor(Claims("", "exp")), "CLAIMS");
  EXPECT_EQ(CauseFor(Claims("", "iat")), "OK");
  EXPECT_EQ(CauseFor(Claims(absl::StrCat("\"exp\":", kNow, ".5e0"))), "OK") << "a fraction";
  for (const char* hostile : {"\"1900000000\"", "null", "true", "[1900000000]", "-1", "1e300",
                              "9223372036854775807", "253402300800"}) {
    EXPECT_EQ(CauseFor(Claims(absl::StrCat("\"exp\":", hostile))), "CLAIMS") << hostile;
  }
}

TEST_F(JwtVerifierTest, RefusesTokensThatLiveTooLongIfToldSo) {
  options_.lifetime_max = absl::Minutes(5);
  EXPECT_EQ(CauseFor(Claims()), "OK");
  EXPECT_EQ(CauseFor(Claims(absl::StrCat("\"exp\":", kNow + 301))), "CLAIMS");
  EXPECT_EQ(CauseFor(Claims("", "iat")), "CLAIMS");
}

TEST_F(JwtVerifierTest, NeedsAKeyIdAndAsksForNewerKeys) {
  JwtVerifier verifier = Verifier();
  const std::string without = Maker().SignWith(R"({"alg":"ES256"})", Claims());
  EXPECT_EQ(CauseOf(verifier.Verify(without).status()), "MALFORMED");
  EXPECT_EQ(keys_.missed, 0);
  const std::string other = Maker().SignWith(R"({"alg":"ES256","kid":"key-2"})", Claims());
  EXPECT_EQ(CauseOf(verifier.Verify(other).status()), "KEY");
  EXPECT_EQ(keys_.missed, 1);
  keys_.newer_may_come = true;
  const absl::Status later = verifier.Verify(other).status();
  EXPECT_EQ(ReasonOf(later), ErrorReason::kNotReady);
  EXPECT_TRUE(DetailsOf(later).retry_after.has_value());
  keys_.keys = nullptr;
  keys_.newer_may_come = false;
  EXPECT_EQ(CauseOf(verifier.Verify(Maker().Sign(Claims())).status()), "KEYS_UNAVAILABLE");
}

TEST_F(JwtVerifierTest, FollowsNoHeaderToAKey) {
  JwtVerifier verifier = Verifier();
  const TokenMaker attacker("ES256");
  const std::string header = absl::StrCat(
      R"({"alg":"ES256","kid":"key-1","jku":"http://evil.example/","x5u":"http://e/",)",
      "\"jwk\":", attacker.Jwk(), "}");
  EXPECT_EQ(CauseOf(verifier.Verify(attacker.SignWith(header, Claims())).status()), "SIGNATURE");
  for (const char* extra : {R"("crit":["exp"])", R"("crit":[])", R"("b64":false)",
                            R"("typ":"dpop+jwt")", R"("typ":7)"}) {
    const std::string odd = absl::StrCat(R"({"alg":"ES256","kid":"key-1",)", extra, "}");
    EXPECT_EQ(CauseOf(verifier.Verify(Maker().SignWith(odd, Claims())).status()), "MALFORMED")
        << extra;
  }
  for (const char* type : {"at+jwt", "AT+JWT", "jwt"}) {
    const std::string good = absl::StrCat(R"({"alg":"ES256","kid":"key-1","typ":")", type, "\"}");
    EXPECT_TRUE(verifier.Verify(Maker().SignWith(good, Claims())).ok()) << type;
  }
}

TEST_F(JwtVerifierTest, RefusesHostileTexts) {
  JwtVerifier verifier = Verifier();
  const std::string good = Maker().Sign(Claims());
  const std::vector<std::string> parts = absl::StrSplit(good, '.');
  std::string deep = "{\"a\":" + std::string(2'000, '[') + std::string(2'000, ']') + "}";
  for (const std::string& bad :
       {std::string(),
        std::string("."),
        std::string(".."),
        std::string("..."),
        std::string("a.b.c"),
        good + ".",
        "." + good,
        good + "=",
        good + "\n",
        " " + good,
        absl::StrCat(parts[0], "..", parts[2]),
        absl::StrCat(parts[0], ".", parts[1], "."),
        absl::StrCat(Base64Url("[]"), ".", parts[1], ".", parts[2]),
        absl::StrCat(Base64Url("\"alg\""), ".", parts[1], ".", parts[2]),
        absl::StrCat(Base64Url(deep), ".", parts[1], ".", parts[2]),
        absl::StrCat(parts[0], ".", Base64Url(deep), ".", parts[2]),
        absl::StrCat(parts[0], ".", Base64Url("{\"sub\":\"\xff\xfe\"}"), ".", parts[2]),
        absl::StrCat(parts[0], ".", Base64Url(std::string("{}\0{}", 5)), ".", parts[2]),
        std::string(8'193, 'a'),
        std::string(10 << 20, '.'),
        std::string("\0.\0.\0", 5)}) {
    const absl::Status status = verifier.Verify(bad).status();
    EXPECT_EQ(CauseOf(status), "MALFORMED") << bad.substr(0, 80);
  }
  EXPECT_TRUE(verifier.Verify(good).ok());
}

TEST_F(JwtVerifierTest, NeverRepeatsATokenInAnError) {
  JwtVerifier verifier = Verifier();
  const TokenMaker stranger("ES256");
  const std::string token = stranger.Sign(Claims(R"("sub":"planted-secret")"));
  const absl::Status status = verifier.Verify(token).status();
  EXPECT_THAT(status.ToString(), Not(HasSubstr(token.substr(10, 20))));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("planted-secret")));
}

TEST_F(JwtVerifierTest, ReadsSubjectAndRolesFromTheConfiguredClaims) {
  JwtIssuer issuer = Issuer();
  issuer.subject_claim = "/user/login";
  issuer.principal_prefix = "corp:";
  issuer.roles_claim = "/realm_access/roles";
  JwtVerifier verifier({issuer}, options_, clock_, json_);
  const auto principal = verifier.Verify(
      Maker().Sign(Claims(R"("user":{"login":"ann"},"realm_access":{"roles":["a","b"]})")));
  ASSERT_TRUE(principal.ok()) << principal.status();
  EXPECT_EQ((*principal)->name, "corp:ann");
  EXPECT_THAT((*principal)->roles, ElementsAre("a", "b"));
  EXPECT_EQ(CauseOf(verifier.Verify(Maker().Sign(Claims())).status()), "CLAIMS");
}

TEST_F(JwtVerifierTest, TakesRolesFromAListOrATextAndNothingElse) {
  JwtVerifier verifier = Verifier();
  const auto roles_of = [&](const char* roles) {
    const auto principal = verifier.Verify(Maker().Sign(Claims(absl::StrCat("\"roles\":", roles))));
    return principal.ok() ? absl::StrJoin((*principal)->roles, "|") : CauseOf(principal.status());
  };
  EXPECT_EQ(roles_of("\"reader  ops\""), "reader|ops");
  EXPECT_EQ(roles_of("[]"), "");
  EXPECT_EQ(roles_of("[\"a b\"]"), "a b");
  for (const char* bad : {"7", "{\"admin\":true}", "[\"a\",7]", "[[\"admin\"]]", "[\"\"]",
                          "[\"a\\u0000\"]", "null"}) {
    EXPECT_EQ(roles_of(bad), "CLAIMS") << bad;
  }
  std::string many = "[";
  for (int i = 0; i < 101; ++i) absl::StrAppend(&many, i > 0 ? "," : "", "\"r", i, "\"");
  EXPECT_EQ(roles_of((many + "]").c_str()), "CLAIMS");

  JwtIssuer silent = Issuer();
  silent.roles_claim.clear();
  JwtVerifier careful({silent}, options_, clock_, json_);
  const auto nobody = careful.Verify(Maker().Sign(Claims(R"("roles":["admin"])")));
  EXPECT_TRUE((*nobody)->roles.empty()) << "no claim is asked for roles";
}

TEST_F(JwtVerifierTest, RefusesNamesThatNobodyMayHave) {
  for (const char* name :
       {"\"\"", "\"anonymous\"", "7", "null", "[\"a\"]", "\"a\\nb\"", "\"\\u0000\""}) {
    EXPECT_EQ(CauseFor(Claims(absl::StrCat("\"sub\":", name))), "CLAIMS") << name;
  }
  EXPECT_EQ(CauseFor(Claims(absl::StrCat("\"sub\":\"", std::string(256, 'a'), "\""))), "CLAIMS");
  EXPECT_EQ(CauseFor(Claims("", "sub")), "CLAIMS");
}

TEST_F(JwtVerifierTest, RemembersATokenUntilItExpires) {
  JwtVerifier verifier = Verifier();
  const std::string token = Maker().Sign(Claims());
  const auto first = verifier.Verify(token);
  const auto second = verifier.Verify(token);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(*first, *second) << "the same object";
  clock_.Advance(absl::Seconds(359));
  EXPECT_TRUE(verifier.Verify(token).ok());
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(CauseOf(verifier.Verify(token).status()), "EXPIRED");
  EXPECT_EQ(verifier.remembered(), 0u);
}

TEST_F(JwtVerifierTest, ForgetsATokenWhoseKeyIsWithdrawn) {
  JwtVerifier verifier = Verifier();
  const std::string token = Maker().Sign(Claims());
  ASSERT_TRUE(verifier.Verify(token).ok());
  const TokenMaker other("ES256", "key-2");
  Trust(other.KeySet());
  EXPECT_EQ(CauseOf(verifier.Verify(token).status()), "KEY");
  Trust(absl::StrCat("{\"keys\":[", other.Jwk(), ",", Maker().Jwk(), "]}"));
  EXPECT_TRUE(verifier.Verify(token).ok()) << "it has come back";
}

TEST_F(JwtVerifierTest, RemembersNoMoreThanItsLimit) {
  options_.cache_max = 64;
  JwtVerifier verifier = Verifier();
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(verifier.Verify(Maker().Sign(Claims(absl::StrCat("\"jti\":\"", i, "\"")))).ok());
  }
  EXPECT_LE(verifier.remembered(), 64u);
  EXPECT_GT(verifier.remembered(), 0u);
}

TEST_F(JwtVerifierTest, KeepsIssuersApart) {
  const TokenMaker other("ES256", "key-1");
  FixedKeys other_keys;
  other_keys.keys = std::make_shared<const JwkSet>(*JwkSet::Parse(other.KeySet(), json_));
  JwtIssuer second = Issuer();
  second.issuer = "https://other.example.com";
  second.principal_prefix = "other:";
  second.keys = &other_keys;
  ASSERT_TRUE(JwtVerifier::CheckIssuers({Issuer(), second}).ok());
  JwtVerifier verifier({Issuer(), second}, options_, clock_, json_);
  EXPECT_EQ(CauseOf(verifier.Verify(other.Sign(Claims())).status()), "SIGNATURE")
      << "a key of one issuer under the name of the other";
  const auto principal =
      verifier.Verify(other.Sign(Claims(R"("iss":"https://other.example.com")")));
  ASSERT_TRUE(principal.ok());
  EXPECT_EQ((*principal)->name, "other:shop");

  second.principal_prefix.clear();
  EXPECT_FALSE(JwtVerifier::CheckIssuers({Issuer(), second}).ok());
  EXPECT_FALSE(JwtVerifier::CheckIssuers({Issuer(), Issuer()}).ok());
  JwtIssuer open = Issuer();
  open.audiences.clear();
  EXPECT_FALSE(JwtVerifier::CheckIssuers({open}).ok());
}

}  // namespace
}  // namespace nexus::identity
