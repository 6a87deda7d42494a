#include "rpc/page.h"

#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::rpc {
namespace {

TEST(PageTest, GivesBackWhatItWasMadeAfter) {
  const PageKey key{"orders"};
  size_t limit = 0;
  std::string after;
  const std::string token = MakePageToken(key, std::string("order-\xc3\xa4", 8));
  ASSERT_TRUE(ReadPageRequest(7, token, key, limit, after).ok());
  EXPECT_EQ(limit, 7u);
  EXPECT_EQ(after, std::string("order-\xc3\xa4", 8));
}

TEST(PageTest, RefusesATokenOfAnotherQuery) {
  size_t limit = 0;
  std::string after = "untouched";
  for (const std::string& token :
       {MakePageToken({"a"}, "x"), std::string("!!!"), std::string("YQ")}) {
    const absl::Status status = ReadPageRequest(1, token, {"b"}, limit, after);
    EXPECT_EQ(ReasonOf(status), ErrorReason::kMalformedPageToken) << token;
  }
  EXPECT_EQ(after, "untouched");
}

TEST(PageTest, CoercesSizesAndRefusesNegativeOnes) {
  size_t limit = 0;
  std::string after;
  ASSERT_TRUE(ReadPageRequest(0, "", {}, limit, after).ok());
  EXPECT_EQ(limit, kPageSizeDefault);
  ASSERT_TRUE(ReadPageRequest(1'000'000, "", {}, limit, after).ok());
  EXPECT_EQ(limit, kPageSizeMax);
  EXPECT_EQ(ReasonOf(ReadPageRequest(-1, "", {}, limit, after)), ErrorReason::kMalformedRequest);
}

}  // namespace
}  // namespace nexus::rpc
