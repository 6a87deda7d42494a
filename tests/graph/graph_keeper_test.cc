#include "graph/graph_keeper.h"

#include "fake/tagged_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::graph {
namespace {

using ::testing::SizeIs;

TEST(GraphKeeperTest, GoesOnWhereItStopped) {
  fake::TaggedLog log;
  GraphKeeper keeper(log);
  EXPECT_EQ(keeper.Advance().value(), Position(0));
  for (int i = 0; i < 5'000; ++i) log.Append({{.stream = "order-1", .type = "placed"}});
  const Position first = keeper.Advance().value();
  EXPECT_GT(first, Position(0));
  EXPECT_LT(first, log.Head());  // a page at a time
  while (keeper.Advance().value() < log.Head()) {
  }
  ASSERT_THAT(keeper.Graph().edges, SizeIs(1));
  EXPECT_EQ(keeper.Graph().edges[0].seen.events, 5'000u);
  log.Append({{.stream = "invoice-1", .type = "sent"}});
  EXPECT_EQ(keeper.Advance().value(), log.Head());
  EXPECT_EQ(keeper.Advance().value(), log.Head());
  ASSERT_THAT(keeper.Graph().edges, SizeIs(2));
  EXPECT_EQ(keeper.Graph().edges[1].seen.events, 5'000u);
}

TEST(GraphKeeperTest, ShowsSubscriptionsToo) {
  fake::TaggedLog log;
  GraphKeeper keeper(log);
  keeper.subscriptions().Note("billing", "order-1", {}, Timestamp{1});
  EXPECT_THAT(keeper.Graph().subscriptions, SizeIs(1));
}

}  // namespace
}  // namespace nexus::graph
