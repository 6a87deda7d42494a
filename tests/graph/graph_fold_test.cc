#include "graph/graph_fold.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "graph/event_story.h"
#include "gtest/gtest.h"

namespace nexus::graph {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// "billing consumes order/OrderPlaced of orders x2"
std::string Text(const GraphEdge& edge) {
  std::string text = absl::StrCat(edge.service, " ", GraphEdgeKindName(edge.kind));
  if (edge.kind == GraphEdgeKind::kCalls) absl::StrAppend(&text, " ", edge.peer, " by");
  absl::StrAppend(&text, " ", edge.category, "/", edge.type);
  if (edge.kind == GraphEdgeKind::kConsumes) absl::StrAppend(&text, " of ", edge.peer);
  if (edge.evidence != CallEvidence::kNone) {
    absl::StrAppend(&text, " ", CallEvidenceName(edge.evidence));
  }
  return absl::StrCat(text, " x", edge.seen.events);
}

class GraphFoldTest : public ::testing::Test {
 protected:
  std::vector<std::string> Edges() const {
    std::vector<std::string> texts;
    for (const GraphEdge& edge : fold_.Graph().edges) texts.push_back(Text(edge));
    return texts;
  }

  GraphFold fold_;
  EventStory story_{fold_};
};

TEST_F(GraphFoldTest, ShowsWhoPublishesAndWhoConsumes) {
  const std::string placed = story_.Tell({"orders", "order-1", "OrderPlaced"});
  const std::string other = story_.Tell({"orders", "order-2", "OrderPlaced"});
  story_.Tell({"billing", "invoice-1", "InvoiceSent", placed});
  story_.Tell({"billing", "invoice-2", "InvoiceSent", other});
  EXPECT_THAT(Edges(), ElementsAre("billing publishes invoice/InvoiceSent x2",
                                   "orders publishes order/OrderPlaced x2",
                                   "billing consumes order/OrderPlaced of orders x2"));
  const ServiceGraph graph = fold_.Graph();
  EXPECT_EQ(graph.position, Position(4));
  ASSERT_THAT(graph.services, SizeIs(2));
  EXPECT_EQ(graph.services[0].name, "billing");
  EXPECT_EQ(graph.services[0].seen.first, Position(3));
  EXPECT_EQ(graph.services[0].seen.last, Position(4));
  EXPECT_EQ(graph.services[0].seen.last_time.micros, 4'000'000);
}

TEST_F(GraphFoldTest, AServiceThatFollowsItselfConsumesNothing) {
  const std::string placed = story_.Tell({"orders", "order-1", "OrderPlaced"});
  story_.Tell({"orders", "order-1", "OrderPaid", placed});
  EXPECT_THAT(Edges(), ElementsAre("orders publishes order/OrderPaid x1",
                                   "orders publishes order/OrderPlaced x1"));
}

TEST_F(GraphFoldTest, TheSourceOfACloudEventNamesTheService) {
  story_.Tell({"gateway", "order-1", "OrderPlaced", "", "/shop"});
  story_.Tell({"importer", "order-2", "OrderPlaced", "", "/shop"});
  EXPECT_THAT(Edges(), ElementsAre("/shop publishes order/OrderPlaced x2"));
  EXPECT_THAT(fold_.Graph().services[0].principals, ElementsAre("gateway", "importer"));
  // One that no name can be is not taken.
  story_.Tell({"orders", "order-3", "OrderPlaced", "", std::string(256, 'x')});
  EXPECT_EQ(fold_.Graph().services[1].name, "orders");
}

TEST_F(GraphFoldTest, ServersOwnStreamsAreNoServices) {
  story_.Tell({"admin", "$schemas", "schema-registered"});
  EXPECT_THAT(Edges(), IsEmpty());
  EXPECT_EQ(fold_.position(), Position(1));
}

TEST_F(GraphFoldTest, ACallThatTheEventOwnsUpToIsACall) {
  story_.Tell({"stock", "stock-1", "Reserved", "", "", "orders"});
  story_.Tell({"stock", "stock-2", "Reserved", "", "", "stock"});  // itself
  EXPECT_THAT(Edges(), ElementsAre("stock publishes stock/Reserved x2",
                                   "orders calls stock by stock/Reserved declared x1"));
}

TEST_F(GraphFoldTest, AnEventStoredTogetherWithItsCauseDidNotComeFromTheLog) {
  const std::string placed = story_.Tell({"gateway", "order-1", "OrderPlaced", "", "orders"});
  story_.Tell({"gateway", "stock-1", "Reserved", placed, "stock", "", true});
  EXPECT_THAT(Edges(), ::testing::Contains("orders calls stock by stock/Reserved same_commit x1"));
}

TEST_F(GraphFoldTest, AnAnswerInTheCallersStreamIsSeen) {
  const std::string asked = story_.Tell({"orders", "order-1", "StockAsked"});
  story_.Tell({"stock", "order-1", "StockTold", asked});
  // In another stream it is an event like any other.
  story_.Tell({"stock", "order-2", "StockTold", asked});
  EXPECT_THAT(Edges(), ::testing::Contains("orders calls stock by order/StockTold same_stream x1"));
}

TEST_F(GraphFoldTest, ACauseOutsideTheLogIsCounted) {
  story_.Tell({"orders", "order-1", "OrderPlaced", "0192f0c1-2345-7000-8000-0000000000ff"});
  story_.Tell({"orders", "order-1", "OrderPlaced", "request 17"});
  EXPECT_EQ(fold_.Graph().services[0].causes_unresolved, 2u);
}

TEST(GraphFoldLimits, ForgetsTheOldestCauses) {
  GraphFold fold({.causes_max = 3});
  EventStory story(fold);
  const std::string first = story.Tell({"a", "x-1", "A"});
  const std::string second = story.Tell({"a", "x-1", "A"});
  story.Tell({"a", "x-1", "A"});
  story.Tell({"a", "x-1", "A"});  // the first is forgotten
  story.Tell({"b", "y-1", "B", first});
  EXPECT_EQ(fold.Graph().services[1].causes_unresolved, 1u);
  const std::string last = story.Tell({"b", "y-1", "B"});
  story.Tell({"c", "z-1", "C", last});
  EXPECT_EQ(fold.Graph().services[2].causes_unresolved, 0u);
  story.Tell({"c", "z-1", "C", second});
  EXPECT_EQ(fold.Graph().services[2].causes_unresolved, 1u);
}

TEST(GraphFoldLimits, AreKeptAndWhatIsBeyondIsCounted) {
  GraphFold fold({.services_max = 2, .event_kinds_max = 3, .edges_max = 3, .principals_max = 1});
  EventStory story(fold);
  story.Tell({"a", "x-1", "A"});
  story.Tell({"b", "x-1", "A"});
  story.Tell({"c", "x-1", "A"});  // a third service
  EXPECT_EQ(fold.Graph().left_out, 1u);
  story.Tell({"a", "x-1", "B"});
  story.Tell({"a", "x-1", "C"});  // a fourth edge
  EXPECT_EQ(fold.Graph().left_out, 2u);
  story.Tell({"a", "x-1", "D"});  // a fourth kind
  EXPECT_EQ(fold.Graph().left_out, 3u);
  story.Tell({"p1", "x-1", "A", "", "a"});
  EXPECT_THAT(fold.Graph().services[0].principals, SizeIs(1));
  EXPECT_THAT(fold.Graph().services, SizeIs(2));
  EXPECT_THAT(fold.Graph().edges, SizeIs(3));
  EXPECT_EQ(fold.position(), Position(7));
}

}  // namespace
}  // namespace nexus::graph
