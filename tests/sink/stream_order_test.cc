#include "sink/outbound/stream_order.h"

#include "gtest/gtest.h"
#include "sink/event_maker.h"

namespace nexus::sink {
namespace {

class StreamOrderTest : public ::testing::Test {
 protected:
  void Failed(const std::string& stream, uint64_t revision, uint64_t last) {
    order_.Failed(*MakeEvent(stream, revision).event, last);
  }
  bool MayEnter(const std::string& stream, uint64_t revision) {
    return order_.MayEnter(*MakeEvent(stream, revision).event);
  }
  bool MayLeave(const std::string& stream, uint64_t ticket) {
    return order_.MayLeave(*MakeEvent(stream, 0).event, ticket);
  }
  StreamOrder order_;
};

TEST_F(StreamOrderTest, LetsEverythingPassAtFirst) {
  EXPECT_TRUE(MayEnter("a-1", 7));
  EXPECT_TRUE(MayLeave("a-1", 1));
}

TEST_F(StreamOrderTest, HoldsWhatCameBeforeTheFailureWasKnown) {
  Failed("a-1", 5, 12);
  EXPECT_FALSE(MayLeave("a-1", 12));
  EXPECT_TRUE(MayLeave("b-1", 12));
  EXPECT_TRUE(MayLeave("a-1", 13));
  EXPECT_TRUE(MayEnter("a-1", 5)) << "the one that failed, again";
  EXPECT_TRUE(MayLeave("a-1", 12)) << "all is forgotten";
}

TEST_F(StreamOrderTest, TurnsWhatIsLaterAwayOnce) {
  Failed("a-1", 5, 12);
  EXPECT_FALSE(MayEnter("a-1", 6)) << "on its way here when that happened";
  EXPECT_FALSE(MayLeave("a-1", 12));
  EXPECT_TRUE(MayEnter("a-1", 6)) << "the one before was given up";
  EXPECT_TRUE(MayEnter("a-1", 7));
}

TEST_F(StreamOrderTest, GoesByTheEarliestFailure) {
  Failed("a-1", 6, 12);
  Failed("a-1", 5, 13);
  Failed("a-1", 7, 14);
  EXPECT_FALSE(MayLeave("a-1", 13));
  EXPECT_FALSE(MayEnter("a-1", 6));
  EXPECT_TRUE(MayEnter("a-1", 5));
  EXPECT_TRUE(MayEnter("a-1", 6));
}

TEST_F(StreamOrderTest, LearnsNothingFromAnOldEventThatIsSentAgain) {
  Failed("a-1", 5, 12);
  EXPECT_TRUE(MayEnter("a-1", 2));
  EXPECT_FALSE(MayLeave("a-1", 12));
  EXPECT_FALSE(MayEnter("a-1", 6));
}

TEST_F(StreamOrderTest, DoesNotGrowForEver) {
  for (uint64_t i = 0; i < 100'001; ++i) Failed(absl::StrCat("a-", i), 1, i);
  EXPECT_EQ(order_.size(), 1u);
}

}  // namespace
}  // namespace nexus::sink
