#include "sink/kafka/held_streams.h"

#include "gtest/gtest.h"
#include "sink/event_maker.h"

namespace nexus::sink {
namespace {

class HeldStreamsTest : public ::testing::Test {
 protected:
  void GaveBack(const std::string& stream, uint64_t revision) {
    held_.GaveBack(*MakeEvent(stream, revision).event);
  }
  bool MayGo(const std::string& stream, uint64_t revision) {
    return held_.MayGo(*MakeEvent(stream, revision).event);
  }
  HeldStreams held_;
};

TEST_F(HeldStreamsTest, LetsEverythingGoAtFirst) { EXPECT_TRUE(MayGo("a-1", 7)); }

TEST_F(HeldStreamsTest, HoldsWhatIsLaterOnceUntilTheEarliestComesAgain) {
  GaveBack("a-1", 5);
  GaveBack("a-1", 6);
  EXPECT_TRUE(MayGo("b-1", 9));
  EXPECT_FALSE(MayGo("a-1", 7));
  EXPECT_EQ(held_.size(), 0u);
  GaveBack("a-1", 6);
  GaveBack("a-1", 5);
  EXPECT_TRUE(MayGo("a-1", 5));
  EXPECT_TRUE(MayGo("a-1", 6));
}

TEST_F(HeldStreamsTest, DoesNotGrowForEver) {
  for (uint64_t i = 0; i < 100'001; ++i) GaveBack(absl::StrCat("a-", i), 1);
  EXPECT_EQ(held_.size(), 1u);
}

}  // namespace
}  // namespace nexus::sink
