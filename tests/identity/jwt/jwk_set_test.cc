#include "identity/jwt/jwk_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "identity/jwt/base64url.h"
#include "identity/jwt/token_maker.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::identity {
namespace {

using fake::Base64Url;
using fake::TokenMaker;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string Keys(const std::string& keys) { return absl::StrCat("{\"keys\":[", keys, "]}"); }

class JwkSetTest : public ::testing::Test {
 protected:
  // Why it is not taken; empty if it is.
  std::string NoteOn(const std::string& key) {
    const auto set = JwkSet::Parse(Keys(key), json_);
    return set.ok() ? "" : std::string(set.status().message());
  }

  schema::SimdJsonReader json_{16};
};

TEST_F(JwkSetTest, TakesTheExampleKeysOfTheStandards) {
  // RFC 7517, appendix A.1, and RFC 8037, appendix A.2.
  const auto set = JwkSet::Parse(
      R"({"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
          "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"sig","kid":"1"},
         {"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
          "kid":"2"}]})",
      json_);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT(*set, SizeIs(2));
  EXPECT_TRUE(set->Find("1")->Fits(SignatureAlgorithm::kEs256));
  EXPECT_FALSE(set->Find("1")->Fits(SignatureAlgorithm::kEdDsa));
  EXPECT_EQ(set->Find("3"), nullptr);
  EXPECT_TRUE(set->notes().empty());
}

TEST_F(JwkSetTest, VerifiesTheExampleSignatureOfTheStandard) {
  // RFC 8037, appendix A.4.
  const auto set = JwkSet::Parse(
      Keys(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",)"
           R"("kid":"2"})"),
      json_);
  ASSERT_TRUE(set.ok());
  const std::string signature = *DecodeBase64Url(
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  EXPECT_TRUE(set->Find("2")->Verify(SignatureAlgorithm::kEdDsa,
                                     "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
                                     signature));
}

TEST_F(JwkSetTest, PassesOverWhatItCannotUseAndSaysWhy) {
  const TokenMaker good("ES256", "good");
  const auto set = JwkSet::Parse(
      Keys(absl::StrCat(good.Jwk(), R"(,{"kty":"oct","k":"c2VjcmV0","kid":"shared"},)",
                        R"({"kty":"OKP","crv":"X25519","x":"AA","kid":"exchange"},7)")),
      json_);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT(*set, SizeIs(1));
  ASSERT_THAT(set->notes(), SizeIs(3));
  EXPECT_THAT(set->notes()[0], HasSubstr("keys[1] (\"shared\")"));
}

TEST_F(JwkSetTest, RefusesKeysThatAreWeakBrokenOrSecret) {
  const TokenMaker weak("RS256", "k", 1024);
  EXPECT_THAT(NoteOn(weak.Jwk()), HasSubstr("1024"));
  const TokenMaker ec("ES256", "k");
  EXPECT_THAT(NoteOn(ec.Jwk(R"(,"d":"AAAA")")), HasSubstr("secret"));
  EXPECT_THAT(NoteOn(absl::StrReplaceAll(ec.Jwk(), {{"\"sig\"", "\"enc\""}})),
              HasSubstr("signatures"));
  EXPECT_THAT(NoteOn(absl::StrReplaceAll(ec.Jwk(), {{"P-256", "P-384"}})), HasSubstr("length"));
  EXPECT_THAT(NoteOn(absl::StrReplaceAll(ec.Jwk(), {{"P-256", "secp256k1"}})), HasSubstr("P-256"));
  EXPECT_THAT(NoteOn(ec.Jwk(R"(,"alg":"RS256")")), HasSubstr("algorithm"));
  EXPECT_THAT(NoteOn(ec.Jwk(R"(,"alg":"none")")), HasSubstr("algorithm"));
  const std::string zero = Base64Url(std::string(32, '\0'));
  EXPECT_THAT(NoteOn(absl::StrCat(R"({"kty":"EC","crv":"P-256","kid":"k","x":")", zero,
                                  R"(","y":")", zero, "\"}")),
              HasSubstr("curve"));
  const TokenMaker rsa("RS256", "k");
  EXPECT_THAT(NoteOn(absl::StrReplaceAll(rsa.Jwk(), {{"\"AQAB\"", "\"AQ\""}})), HasSubstr("e"));
  EXPECT_THAT(NoteOn(absl::StrReplaceAll(rsa.Jwk(), {{"\"AQAB\"", "\"AQABAQABAQABAQAB\""}})),
              HasSubstr("exponent"));
  EXPECT_THAT(NoteOn(absl::StrCat(R"({"kty":"RSA","kid":"k","e":"AQAB","n":")",
                                  Base64Url(std::string(4'096, '\xff')), "\"}")),
              HasSubstr("8192"));
  EXPECT_THAT(NoteOn(absl::StrReplaceAll(ec.Jwk(), {{"\"kid\":\"k\"", "\"kid\":\"\""}})),
              HasSubstr("kid"));
}

TEST_F(JwkSetTest, TakesTheFirstOfTwoKeysOfOneName) {
  const TokenMaker first("ES256", "k");
  const TokenMaker second("ES256", "k");
  const auto set = JwkSet::Parse(Keys(absl::StrCat(first.Jwk(), ",", second.Jwk())), json_);
  ASSERT_TRUE(set.ok());
  EXPECT_THAT(set->notes(), SizeIs(1));
  EXPECT_TRUE(set->Find("k")->Verify(SignatureAlgorithm::kEs256, "x", first.SignatureOf("x")));
}

TEST_F(JwkSetTest, RefusesWhatIsNoKeySetAndWhatIsHuge) {
  for (const std::string& bad :
       {std::string(), std::string("[]"), std::string("{}"), std::string("{\"keys\":{}}"),
        std::string("{\"keys\":\"x\"}"), std::string("{\"keys\":[]}"), std::string("<html>"),
        std::string("{\"keys\":[") + std::string(5'000, '[')}) {
    EXPECT_FALSE(JwkSet::Parse(bad, json_).ok()) << bad.substr(0, 40);
  }
  EXPECT_EQ(ReasonOf(JwkSet::Parse(std::string(kJwkSetBytesMax + 1, ' '), json_).status()),
            ErrorReason::kLimitExceeded);
  std::string many = "{}";
  for (size_t i = 0; i < kJwkSetKeysMax; ++i) many += ",{}";
  EXPECT_EQ(ReasonOf(JwkSet::Parse(Keys(many), json_).status()), ErrorReason::kLimitExceeded);
}

RC_GTEST_FIXTURE_PROP(JwkSetTest, ReadsBase64UrlBack, (const std::string& bytes)) {
  RC_ASSERT(DecodeBase64Url(Base64Url(bytes)) == bytes);
}

RC_GTEST_FIXTURE_PROP(JwkSetTest, HasOneTextForEachSequenceOfBytes, (const std::string& text)) {
  const auto bytes = DecodeBase64Url(text);
  if (bytes.has_value()) RC_ASSERT(Base64Url(*bytes) == text);
}

}  // namespace
}  // namespace nexus::identity
