#include "graph/graph_drift.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "graph/event_story.h"
#include "graph/subscription_table.h"
#include "gtest/gtest.h"

namespace nexus::graph {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class GraphDriftTest : public ::testing::Test {
 protected:
  GraphDriftTest() {
    DeclaredService billing;
    billing.name = "billing";
    billing.publishes = {{"InvoiceSent", "invoice", {"graph.yaml", 3}}};
    billing.consumes = {{"OrderPlaced", "order", {"graph.yaml", 4}}};
    DeclaredService orders;
    orders.name = "orders";
    orders.principals = {"svc-orders"};
    orders.publishes = {{"OrderPlaced", "order", {"graph.yaml", 7}}};
    declared_.services = {billing, orders};
  }

  // What the declaration says, and no more.
  void TellTheDeclared() {
    const std::string placed = story_.Tell({"svc-orders", "order-1", "OrderPlaced"});
    story_.Tell({"billing", "invoice-1", "InvoiceSent", placed});
  }
  std::vector<std::string> Drift(uint64_t since = 0) {
    ServiceGraph seen = fold_.Graph();
    seen.subscriptions = table_.List();
    std::vector<std::string> texts;
    for (const GraphFinding& finding : FindDrift(seen, declared_, Position(since))) {
      texts.push_back(absl::StrCat(finding.rule, ": ", finding.subject));
      messages_.push_back(finding.message);
      levels_.push_back(finding.level);
    }
    return texts;
  }

  DeclaredGraph declared_;
  GraphFold fold_;
  EventStory story_{fold_};
  SubscriptionTable table_;
  std::vector<std::string> messages_;
  std::vector<FindingLevel> levels_;
};

TEST_F(GraphDriftTest, NoneIfAllIsAsDeclared) {
  TellTheDeclared();
  EXPECT_THAT(Drift(), IsEmpty());
}

TEST_F(GraphDriftTest, AServiceThatNobodyDeclares) {
  TellTheDeclared();
  story_.Tell({"stranger", "order-1", "OrderPlaced"});
  EXPECT_THAT(Drift(), ElementsAre("UNKNOWN_SERVICE: stranger"));
}

TEST_F(GraphDriftTest, APublishedTypeThatIsNotDeclared) {
  TellTheDeclared();
  story_.Tell({"svc-orders", "cart-1", "CartEmptied"});
  story_.Tell({"svc-orders", "order-1", "OrderPlacd"});
  story_.Tell({"svc-orders", "basket-1", "OrderPlaced"});
  EXPECT_THAT(Drift(), ElementsAre("WRONG_CATEGORY: orders publishes OrderPlaced",
                                   "UNDECLARED_PUBLISH: orders publishes CartEmptied",
                                   "WRONG_TYPE: orders publishes OrderPlacd"));
  EXPECT_THAT(messages_[2], ::testing::HasSubstr("declares for that category OrderPlaced"));
}

TEST_F(GraphDriftTest, AConsumptionThatIsNotDeclared) {
  TellTheDeclared();
  const std::string invoice = story_.Tell({"billing", "invoice-2", "InvoiceSent"});
  story_.Tell({"svc-orders", "order-1", "OrderPlaced", invoice});
  EXPECT_THAT(Drift(), ElementsAre("UNDECLARED_CONSUME: orders consumes InvoiceSent"));
}

TEST_F(GraphDriftTest, WhatIsDeclaredAndNeverSeen) {
  story_.Tell({"svc-orders", "order-1", "OrderPlaced"});
  EXPECT_THAT(Drift(), ElementsAre("NEVER_PUBLISHED: billing publishes InvoiceSent",
                                   "NEVER_CONSUMED: billing consumes OrderPlaced"));
  EXPECT_EQ(levels_[0], FindingLevel::kWarning);
}

TEST_F(GraphDriftTest, OnlyWhatCameSinceCounts) {
  story_.Tell({"stranger", "order-1", "OrderPlaced"});
  TellTheDeclared();
  EXPECT_THAT(Drift(2), IsEmpty());
  EXPECT_THAT(Drift(3), ElementsAre("NEVER_PUBLISHED: orders publishes OrderPlaced"));
  EXPECT_THAT(messages_[0], ::testing::HasSubstr("since position 3"));
}

TEST_F(GraphDriftTest, ASubscriptionShowsConsumption) {
  story_.Tell({"svc-orders", "order-1", "OrderPlaced"});
  story_.Tell({"billing", "invoice-1", "InvoiceSent"});
  EXPECT_THAT(Drift(), ElementsAre("NEVER_CONSUMED: billing consumes OrderPlaced"));
  FilterItem item;
  item.categories = {"invoice"};
  table_.Note("billing", "", {{item}}, Timestamp{1});
  EXPECT_THAT(Drift(), ElementsAre("NEVER_CONSUMED: billing consumes OrderPlaced"));
  item.categories = {"order"};
  table_.Note("billing", "", {{item}}, Timestamp{1});
  EXPECT_THAT(Drift(), IsEmpty());
}

TEST_F(GraphDriftTest, ASubscriptionToATypeThatIsNotDeclared) {
  TellTheDeclared();
  FilterItem item;
  item.types = {"OrderShipped"};
  table_.Note("billing", "", {{item}}, Timestamp{1});
  table_.Note("an operator", "", {{item}}, Timestamp{1});
  table_.Note("billing", "", {}, Timestamp{1});
  EXPECT_THAT(Drift(), ElementsAre("UNDECLARED_SUBSCRIPTION: billing consumes OrderShipped"));
}

TEST_F(GraphDriftTest, ADirectCallIsToldUnlessAReasonIsGiven) {
  TellTheDeclared();
  story_.Tell({"billing", "invoice-1", "InvoiceSent", "", "", "orders"});
  EXPECT_THAT(Drift(), ElementsAre("DIRECT_CALL: orders calls billing"));
  declared_.services[1].calls.push_back({"billing", "legacy", "calls billing", {"graph.yaml", 9}});
  Drift();
  EXPECT_EQ(levels_[0], FindingLevel::kError);
  EXPECT_EQ(levels_[1], FindingLevel::kNote);
  EXPECT_THAT(messages_[1], ::testing::HasSubstr("legacy"));
}

TEST_F(GraphDriftTest, ASharedStreamIsNoCallIfItIsDeclared) {
  TellTheDeclared();
  const std::string placed = story_.Tell({"svc-orders", "order-2", "OrderPlaced"});
  story_.Tell({"billing", "order-2", "OrderPaid", placed});
  EXPECT_THAT(Drift(), ElementsAre("UNDECLARED_PUBLISH: billing publishes OrderPaid",
                                   "DIRECT_CALL: svc-orders calls billing"));
  declared_.services[0].publishes.push_back({"OrderPaid", "", {"graph.yaml", 5}});
  EXPECT_THAT(Drift(), IsEmpty());
}

TEST_F(GraphDriftTest, AServiceIsFoundByItsNameThoughAnotherHasItForAPrincipal) {
  declared_.services[0].principals = {"billing", "orders"};
  declared_.services[1].principals = {};
  const std::string placed = story_.Tell({"orders", "order-1", "OrderPlaced"});
  story_.Tell({"billing", "invoice-1", "InvoiceSent", placed});
  EXPECT_THAT(Drift(), IsEmpty());
}

TEST_F(GraphDriftTest, ANameThatAnotherPrincipalUsed) {
  TellTheDeclared();
  story_.Tell({"thief", "order-1", "OrderPlaced", "", "orders"});
  EXPECT_THAT(Drift(), ElementsAre("FOREIGN_PRINCIPAL: orders by thief"));
}

}  // namespace
}  // namespace nexus::graph
