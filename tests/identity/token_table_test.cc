#include "identity/token_table.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::identity {
namespace {

using ::testing::ElementsAre;

TokenTable Table() {
  Principal shop;
  shop.name = "shop";
  shop.roles = {"writer"};
  return TokenTable({{"s3cret", shop}});
}

TEST(TokenTableTest, TakesACallerWithoutAHeaderAsAnonymous) {
  const auto principal = Table().Authenticate("");
  ASSERT_TRUE(principal.ok());
  EXPECT_EQ(principal->name, "anonymous");
  EXPECT_FALSE(principal->authenticated);
}

TEST(TokenTableTest, KnowsTheOwnerOfAToken) {
  const auto principal = Table().Authenticate("Bearer s3cret");
  ASSERT_TRUE(principal.ok());
  EXPECT_EQ(principal->name, "shop");
  EXPECT_EQ(principal->method, "token");
  EXPECT_TRUE(principal->authenticated);
  EXPECT_THAT(principal->roles, ElementsAre("writer"));
}

TEST(TokenTableTest, RefusesWhatItDoesNotKnowAndNeverRepeatsIt) {
  for (const char* header :
       {"Bearer wrong", "Bearer ", "Basic s3cret", "s3cret", "Bearer s3cret "}) {
    const auto principal = Table().Authenticate(header);
    EXPECT_EQ(ReasonOf(principal.status()), ErrorReason::kUnauthenticated) << header;
    EXPECT_EQ(principal.status().message().find("s3cret"), absl::string_view::npos);
  }
}

}  // namespace
}  // namespace nexus::identity
