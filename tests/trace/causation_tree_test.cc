#include "trace/causation_tree.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::trace {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TraceNode Node(std::string id, std::string cause, uint64_t position,
               NodeKind kind = NodeKind::kEvent) {
  TraceNode node;
  node.kind = kind;
  node.id = std::move(id);
  node.causation_id = std::move(cause);
  node.position = Position(position);
  return node;
}

// "id/depth", with "?" if its cause is missing.
std::vector<std::string> Shape(std::vector<TraceNode> nodes) {
  std::vector<std::string> out;
  for (const TraceNode& node : OrderByCausation(std::move(nodes))) {
    out.push_back(absl::StrCat(node.id, "/", node.depth, node.cause_is_missing ? "?" : ""));
  }
  return out;
}

TEST(CausationTreeTest, PutsEachBehindWhatLedToIt) {
  EXPECT_THAT(Shape({Node("paid", "placed", 3), Node("placed", "", 1), Node("other", "", 2),
                     Node("shipped", "paid", 5), Node("noted", "placed", 4)}),
              ElementsAre("placed/0", "paid/1", "shipped/2", "noted/1", "other/0"));
}

TEST(CausationTreeTest, ACommandStandsBeforeItsEvents) {
  EXPECT_THAT(Shape({Node("placed", "c1", 1), Node("c1", "", 1, NodeKind::kCommand),
                     Node("counted", "c1", 2), Node("c1", "", 2, NodeKind::kCommand),
                     Node("c2", "placed", 3, NodeKind::kCommand), Node("shipped", "c2", 3)}),
              ElementsAre("c1/0", "placed/1", "c2/2", "shipped/3", "counted/1"));
}

TEST(CausationTreeTest, SaysWhoseCauseIsNotHere) {
  EXPECT_THAT(Shape({Node("a", "elsewhere", 1), Node("b", "a", 2)}), ElementsAre("a/0?", "b/1"));
}

TEST(CausationTreeTest, LosesNothingThatLeadsToItself) {
  EXPECT_THAT(Shape({Node("a", "a", 1)}), ElementsAre("a/0"));
  EXPECT_THAT(Shape({Node("a", "b", 1), Node("b", "a", 2), Node("c", "", 3)}),
              ElementsAre("c/0", "a/0", "b/1"));
}

TEST(CausationTreeTest, NeedsNoStackForALongChain) {
  std::vector<TraceNode> nodes;
  for (uint64_t i = 0; i < 100'000; ++i) {
    nodes.push_back(Node(absl::StrCat(i), i == 0 ? "" : absl::StrCat(i - 1), i + 1));
  }
  const std::vector<TraceNode> ordered = OrderByCausation(std::move(nodes));
  ASSERT_THAT(ordered, SizeIs(100'000));
  EXPECT_EQ(ordered.back().depth, 99'999u);
}

TEST(CausationTreeTest, ShowsTheCommandThatAnEventCameFrom) {
  RecordedEvent event;
  event.position = Position(7);
  event.id.bytes[15] = 1;
  event.commit_id.bytes[15] = 2;
  event.type = "placed";
  EXPECT_THAT(NodesOf(event), SizeIs(1));
  event.metadata = {{"$command", "PlaceOrder 0a1b"}, {"$command-causation", "before"}};
  const std::vector<TraceNode> nodes = NodesOf(event);
  ASSERT_THAT(nodes, SizeIs(2));
  EXPECT_EQ(nodes[0].kind, NodeKind::kCommand);
  EXPECT_EQ(nodes[0].type, "PlaceOrder");
  EXPECT_EQ(nodes[0].causation_id, "before");
  EXPECT_EQ(nodes[0].id, event.commit_id.ToString());
  EXPECT_EQ(nodes[1].type, "placed");
}

TEST(CausationTreeTest, IsEmptyOfNothing) { EXPECT_THAT(Shape({}), IsEmpty()); }

}  // namespace
}  // namespace nexus::trace
