#include "follow/page_share.h"

#include "fake/tiny_log.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::follow {
namespace {

class PageShareTest : public ::testing::Test {
 protected:
  void Append(int events) {
    for (int i = 0; i < events; ++i) log_.Append("a-1");
  }
  SharedPage Page(uint64_t next, PageLimits limits = {}) {
    return share_.Page(Position(next), limits).value();
  }

  fake::TinyLog log_;
  PageShare share_{log_};
};

TEST_F(PageShareTest, ReadsAPageOnceForAllWhoWantIt) {
  Append(3);
  const SharedPage first = Page(2);
  const SharedPage second = Page(2);
  EXPECT_EQ(first.batch, second.batch);
  EXPECT_TRUE(second.shared);
  EXPECT_EQ(second.batch->events.size(), 2u);
  EXPECT_EQ(log_.reads(), 1);
}

TEST_F(PageShareTest, GivesNobodyAPageOfAnotherSize) {
  Append(3);
  const PageLimits usual;
  const SharedPage page = Page(1, usual);
  EXPECT_NE(Page(1, {usual.events_max, usual.bytes_max - 1}).batch, page.batch);
  EXPECT_NE(Page(1, {usual.events_max - 1, usual.bytes_max}).batch, page.batch);
}

TEST_F(PageShareTest, ReadsAgainForWhoIsFarBehindAShortPage) {
  Append(1);
  EXPECT_EQ(Page(1).batch->events.size(), 1u);
  Append(9);
  EXPECT_EQ(Page(1).batch->events.size(), 10u);
}

TEST_F(PageShareTest, KeepsNoPageWithAHole) {
  Append(3);
  log_.HidePosition(Position(2), 1);
  EXPECT_EQ(ReasonOf(share_.Page(Position(1), {}).status()), ErrorReason::kDataLoss);
  EXPECT_EQ(Page(1).batch->events.size(), 3u);
}

TEST_F(PageShareTest, LetsHistoryBeReadAlone) {
  Append(5);
  EXPECT_FALSE(Page(1, {2, 1 << 20}).shared);
  EXPECT_FALSE(Page(3, {2, 1 << 20}).shared);
  EXPECT_TRUE(Page(5, {2, 1 << 20}).shared);
}

TEST_F(PageShareTest, LetsGoOfOldPages) {
  Append(20);
  const std::weak_ptr<const EventBatch> first = Page(1).batch;
  for (uint64_t next = 2; next <= 20; ++next) Page(next);
  EXPECT_TRUE(first.expired());
}

}  // namespace
}  // namespace nexus::follow
