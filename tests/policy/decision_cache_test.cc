#include "policy/wasm/decision_cache.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace nexus::policy {
namespace {

PolicyAnswer Allowed(const std::string& revision) {
  PolicyAnswer answer;
  answer.allow = true;
  answer.revision = revision;
  return answer;
}

TEST(DecisionCache, KeepsWhatItIsGiven) {
  DecisionCache cache(1 << 20);
  EXPECT_FALSE(cache.Find("a").has_value());
  cache.Keep("a", Allowed("1"));
  ASSERT_TRUE(cache.Find("a").has_value());
  EXPECT_EQ(cache.Find("a")->revision, "1");
  EXPECT_FALSE(cache.Find("b").has_value());
}

TEST(DecisionCache, KeepsNothingWithoutRoom) {
  DecisionCache cache(0);
  EXPECT_FALSE(cache.enabled());
  cache.Keep("a", Allowed("1"));
  EXPECT_FALSE(cache.Find("a").has_value());
}

TEST(DecisionCache, IsBounded) {
  constexpr size_t kRoom = 256 << 10;
  DecisionCache cache(kRoom);
  size_t most = 0;
  for (int i = 0; i < 20'000; ++i) {
    cache.Keep(absl::StrCat("key-", i), Allowed("r"));
    most = std::max(most, cache.bytes());
  }
  EXPECT_LE(most, kRoom);
  EXPECT_GT(most, kRoom / 4);
  EXPECT_TRUE(cache.Find("key-19999").has_value());
  EXPECT_FALSE(cache.Find("key-0").has_value());
}

TEST(DecisionCache, KeepsWhatIsAskedForAgainAndAgain) {
  DecisionCache cache(256 << 10);
  cache.Keep("hot", Allowed("r"));
  for (int i = 0; i < 20'000; ++i) {
    cache.Keep(absl::StrCat("key-", i), Allowed("r"));
    ASSERT_TRUE(cache.Find("hot").has_value()) << i;
  }
}

TEST(DecisionCache, KeepsNoEntryThatWouldPushOutAllOthers) {
  DecisionCache cache(64 << 10);
  cache.Keep(std::string(10'000, 'k'), Allowed("r"));
  EXPECT_EQ(cache.bytes(), 0);
}

}  // namespace
}  // namespace nexus::policy
