#include "identity/authentication/authenticator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/counted_secrets.h"
#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "identity/jwt/token_maker.h"
#include "nexus/core/errors.h"
#include "schema/faulty_log.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::identity {
namespace {

using ::testing::HasSubstr;

class FixedKeys : public KeySource {
 public:
  explicit FixedKeys(JwkSetPtr keys) : keys_(std::move(keys)) {}
  JwkSetPtr Keys() const override { return keys_; }
  bool Missed() override { return false; }

 private:
  const JwkSetPtr keys_;
};

// Calls that last, of the writer "shop".
class AuthenticatorTest : public ::testing::Test {
 protected:
  AdmissionStamp Stamp() const { return {"root", "", "", 0}; }
  // Gives the token's id.
  std::string CreateToken(const std::string& principal) {
    std::string id;
    registry_.CreateToken({.principal = principal, .roles = {"writer"}}, Stamp(),
                          [&](absl::StatusOr<CreatedToken> made) {
                            ASSERT_TRUE(made.ok()) << made.status();
                            id = made->record->id;
                            token_ = made->text;
                          });
    executor_.Advance(absl::Seconds(1));
    return id;
  }
  void Deny(const std::string& member) {
    RoleBinding binding;
    binding.member = member;
    binding.role = "writer";
    binding.effect = Effect::kDeny;
    binding.selector.categories = {"audit"};
    registry_.Bind(binding, Stamp(), [](absl::StatusOr<RoleBinding> bound) {
      EXPECT_TRUE(bound.ok()) << bound.status();
    });
    executor_.Advance(absl::Seconds(1));
  }
  void Revoke(const std::string& id) {
    registry_.RevokeToken(id, "", Stamp(), [](absl::StatusOr<TokenRecordPtr> revoked) {
      EXPECT_TRUE(revoked.ok()) << revoked.status();
    });
    executor_.Advance(absl::Seconds(1));
  }
  Identity Begin(const Authenticator& authenticator, const std::string& token) {
    const std::string header = absl::StrCat("Bearer ", token);
    absl::StatusOr<Identity> identity = authenticator.Authenticate({header});
    EXPECT_TRUE(identity.ok()) << identity.status();
    return identity.ok() ? *std::move(identity) : Identity();
  }

  fake::FaultyLog log_;
  schema::SimdJsonReader json_;
  fake::CountedSecrets secrets_;
  fake::ManualExecutor executor_;
  fake::ManualClock clock_;
  AccessRegistry registry_{{log_, log_, json_, executor_, clock_, log_.ids(), secrets_}};
  const TokenTable tokens_{{}};
  std::string token_;
};

TEST_F(AuthenticatorTest, LetsACallGoOnWhenTheRightsOfOthersChange) {
  const Authenticator authenticator{{tokens_, &registry_, nullptr, true}};
  CreateToken("shop");
  const Identity shop = Begin(authenticator, token_);
  CreateToken("billing");
  Deny("billing");
  EXPECT_TRUE(authenticator.Recheck(shop.principal, shop.access).ok());
  EXPECT_EQ(registry_.AccessOf(shop.principal), shop.access);
}

TEST_F(AuthenticatorTest, LetsACallGoOnThoughItsRightsWereCompiledAnew) {
  AccessRegistry small({log_, log_, json_, executor_, clock_, log_.ids(), secrets_},
                       {.compiled_max = 1});
  const Authenticator authenticator{{tokens_, &small, nullptr, true}};
  Principal shop;
  shop.name = "shop";
  shop.roles = {"writer"};
  const AccessRegistry::AccessPtr began = small.AccessOf(shop);
  (void)small.AccessOf(Principal());  // takes the only place
  EXPECT_TRUE(authenticator.Recheck(shop, began).ok());
}

TEST_F(AuthenticatorTest, EndsACallWhoseRightsHaveChanged) {
  const Authenticator authenticator{{tokens_, &registry_, nullptr, true}};
  CreateToken("shop");
  const Identity shop = Begin(authenticator, token_);
  Deny("shop");
  const absl::Status still = authenticator.Recheck(shop.principal, shop.access);
  EXPECT_EQ(ReasonOf(still), ErrorReason::kNotReady);
  EXPECT_THAT(still.message(), HasSubstr("begin the call again"));
}

TEST_F(AuthenticatorTest, EndsACallWhoseTokenWasRevokedWhereAccessIsNotControlled) {
  const Authenticator authenticator{{tokens_, &registry_, nullptr, false}};
  const std::string id = CreateToken("shop");
  const Identity shop = Begin(authenticator, token_);
  ASSERT_EQ(shop.access, nullptr);
  ASSERT_TRUE(authenticator.Recheck(shop.principal, shop.access).ok());
  Revoke(id);
  EXPECT_EQ(ReasonOf(authenticator.Recheck(shop.principal, shop.access)),
            ErrorReason::kUnauthenticated);
}

TEST_F(AuthenticatorTest, EndsACallWhoseWebTokenHasExpired) {
  const fake::TokenMaker maker("ES256");
  auto keys = JwkSet::Parse(maker.KeySet(), json_);
  ASSERT_TRUE(keys.ok()) << keys.status();
  FixedKeys source(std::make_shared<const JwkSet>(*std::move(keys)));
  JwtIssuer issuer;
  issuer.issuer = "https://id.example.com";
  issuer.audiences = {"nexus"};
  issuer.keys = &source;
  JwtOptions options;
  options.skew = absl::Seconds(30);
  JwtVerifier verifier({issuer}, options, clock_, json_);
  const Authenticator authenticator{{tokens_, &registry_, &verifier, true}};
  const int64_t now = clock_.Now().micros / 1'000'000;
  const Identity shop = Begin(
      authenticator, maker.Sign(absl::StrCat(
                         R"({"iss":"https://id.example.com","aud":"nexus","sub":"shop","exp":)",
                         now + 60, R"(,"iat":)", now, "}")));
  clock_.Advance(absl::Seconds(89));
  EXPECT_TRUE(authenticator.Recheck(shop.principal, shop.access).ok());
  clock_.Advance(absl::Seconds(1));
  const absl::Status still = authenticator.Recheck(shop.principal, shop.access);
  EXPECT_EQ(ReasonOf(still), ErrorReason::kUnauthenticated);
  EXPECT_THAT(still.message(), HasSubstr("expired"));
}

}  // namespace
}  // namespace nexus::identity
