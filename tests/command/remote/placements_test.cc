#include "command/remote/placements.h"

#include "gtest/gtest.h"

namespace nexus::command {
namespace {

TEST(PlacementsTest, RemembersTheLastOfEachStream) {
  Placements placements(10);
  EXPECT_EQ(placements.Find("s").worker, 0u);
  placements.Put("s", {1, Revision(3), 1});
  placements.Put("s", {2, Revision(4), 1});
  EXPECT_EQ(placements.Find("s").worker, 2u);
  EXPECT_EQ(placements.Find("s").state, Revision(4));
  placements.Forget("s");
  placements.Forget("s");
  EXPECT_EQ(placements.Find("s").worker, 0u);
  EXPECT_EQ(placements.size(), 0u);
}

TEST(PlacementsTest, ForgetsTheStreamUsedLongestAgo) {
  Placements placements(2);
  placements.Put("a", {1});
  placements.Put("b", {1});
  placements.Put("a", {1});
  placements.Put("c", {1});
  EXPECT_EQ(placements.size(), 2u);
  EXPECT_EQ(placements.Find("b").worker, 0u);
  EXPECT_EQ(placements.Find("a").worker, 1u);
}

}  // namespace
}  // namespace nexus::command
