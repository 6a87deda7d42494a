// nexusctl graph show|drift against a server that answers what the test says.

#include <string>
#include <vector>

#include "cli/check_fixture.h"
#include "gmock/gmock.h"
#include "nexus/admin/v1/admin.pb.h"

namespace nexus::cli {
namespace {

using admin::v1::GetServiceGraphResponse;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class GraphTest : public CheckFixture {
 protected:
  void SetUp() override {
    environment_["NEXUS_SERVER"] = server_.address();
    std::vector<GetServiceGraphResponse> messages(2);
    messages[0].set_position(4);
    messages[0].set_head(9);
    messages[1].set_position(9);
    messages[1].set_head(9);
    messages[1].set_done(true);
    messages_ = messages;
    AddService("orders", 5);
    AddService("billing", 4);
    AddEdge(admin::v1::GRAPH_EDGE_KIND_PUBLISHES, "orders", "", "order", "OrderPlaced", 5);
    AddEdge(admin::v1::GRAPH_EDGE_KIND_CONSUMES, "billing", "orders", "order", "OrderPlaced", 4);
    AddEdge(admin::v1::GRAPH_EDGE_KIND_PUBLISHES, "billing", "", "invoice", "InvoiceSent", 4);
    server_.SetGraph(messages_);
    Write("d/graph.yaml",
          "services:\n  orders: {publishes: [OrderPlaced]}\n"
          "  billing: {publishes: [InvoiceSent], consumes: [OrderPlaced]}\n");
  }
  void AddService(const std::string& name, uint64_t events) {
    auto& row = *messages_[1].add_services();
    row.set_name(name);
    row.mutable_seen()->set_events(events);
    row.mutable_seen()->set_last_position(9);
  }
  admin::v1::GraphEdge& AddEdge(admin::v1::GraphEdgeKind kind, const std::string& service,
                                const std::string& peer, const std::string& category,
                                const std::string& type, uint64_t events) {
    auto& row = *messages_[1].add_edges();
    row.set_kind(kind);
    row.set_service(service);
    row.set_peer(peer);
    row.set_category(category);
    row.set_type(type);
    row.mutable_seen()->set_events(events);
    row.mutable_seen()->set_first_position(1);
    row.mutable_seen()->set_last_position(9);
    return row;
  }
  void AddCall() {
    AddEdge(admin::v1::GRAPH_EDGE_KIND_CALLS, "orders", "billing", "invoice", "InvoiceSent", 2)
        .set_evidence(admin::v1::CALL_EVIDENCE_SAME_COMMIT);
    server_.SetGraph(messages_);
  }
  Outcome Drift(std::vector<std::string> rest = {}) {
    rest.insert(rest.begin(), {"graph", "drift", "--declared", At("d")});
    return Run(rest);
  }

  std::vector<GetServiceGraphResponse> messages_;
};

TEST_F(GraphTest, ShowIsATableOrJson) {
  const Outcome table = Run({"graph", "show", "-o", "table"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("billing  consumes"));
  const Outcome json = Run({"graph", "show", "-o", "json"});
  EXPECT_THAT(json.out, StartsWith(R"({"position":9,"left_out":0,"services":[{"name":"orders")"));
  EXPECT_THAT(json.out, HasSubstr(R"({"kind":"consumes","service":"billing","peer":"orders",)"
                                  R"("category":"order","type":"OrderPlaced","events":4,)"));
}

TEST_F(GraphTest, ShowDraws) {
  AddCall();
  const std::string dot = Run({"graph", "show", "--draw", "dot"}).out;
  EXPECT_THAT(dot, StartsWith("digraph services {\n"));
  EXPECT_THAT(dot, HasSubstr("[shape=box, label=\"billing\"];"));
  EXPECT_THAT(dot, HasSubstr("label=\"order/OrderPlaced\""));
  EXPECT_THAT(dot, HasSubstr("color=red"));
  const std::string mermaid = Run({"graph", "show", "--draw", "mermaid"}).out;
  EXPECT_THAT(mermaid, StartsWith("flowchart LR\n"));
  EXPECT_THAT(mermaid, HasSubstr("-. calls .->"));
  EXPECT_EQ(Run({"graph", "show", "--draw", "crayon"}).code, 2);
}

TEST_F(GraphTest, ADrawingHoldsAnyName) {
  AddService("a\"]\\ <b>\n", 1);
  server_.SetGraph(messages_);
  EXPECT_THAT(Run({"graph", "show", "--draw", "dot"}).out, HasSubstr(R"("a\"]\\ <b>)"));
  EXPECT_THAT(Run({"graph", "show", "--draw", "mermaid"}).out, HasSubstr("a#quot;]\\ #lt;b#gt;"));
}

TEST_F(GraphTest, ShowDrawsWhatIsDeclaredWithoutAServer) {
  environment_["NEXUS_SERVER"] = "127.0.0.1:1";
  Write("d/graph.yaml",
        "services:\n  orders: {publishes: [{type: OrderPlaced, category: order}], calls: [tax]}\n"
        "  billing: {consumes: [OrderPlaced]}\n");
  const Outcome outcome = Run({"graph", "show", "--declared", At("d"), "--draw", "mermaid"});
  EXPECT_EQ(outcome.out,
            "flowchart LR\n  s0[\"billing\"]\n  s1[\"orders\"]\n  s2[\"tax\"]\n"
            "  t0([\"order/OrderPlaced\"])\n  s1 --> t0\n  t0 --> s0\n  s1 -. calls .-> s2\n")
      << outcome.err;
  Write("d/graph.yaml", "services: [a]\n");
  const Outcome faulty = Run({"graph", "show", "--declared", At("d")});
  EXPECT_EQ(faulty.code, 1);
  EXPECT_THAT(faulty.err, HasSubstr("d/graph.yaml:1: services is not a map"));
}

TEST_F(GraphTest, NoDriftIsExitCode0) {
  const Outcome outcome = Drift();
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, IsEmpty());
}

TEST_F(GraphTest, DriftIsExitCode100WithItsPlace) {
  AddCall();
  AddService("stranger", 1);
  server_.SetGraph(messages_);
  const Outcome outcome = Drift();
  EXPECT_EQ(outcome.code, 100);
  EXPECT_THAT(outcome.out, HasSubstr("d: error: UNKNOWN_SERVICE at stranger"));
  EXPECT_THAT(outcome.out, HasSubstr("d/graph.yaml:2: error: DIRECT_CALL at orders calls billing"));
  EXPECT_THAT(Drift({"--format", "sarif"}).out, HasSubstr(R"("ruleId":"UNKNOWN_SERVICE")"));
  EXPECT_THAT(Drift({"--since", "10"}).out, Not(HasSubstr("UNKNOWN_SERVICE")));
}

TEST_F(GraphTest, DriftOfOneFile) {
  EXPECT_EQ(Run({"graph", "drift", "--declared", At("d/graph.yaml")}).code, 0);
}

TEST_F(GraphTest, FaultsOfTheDeclarationAreToldBeforeAServerIsAsked) {
  environment_["NEXUS_SERVER"] = "127.0.0.1:1";
  Write("d/graph.yaml", "services: [a]\n");
  const Outcome outcome = Drift();
  EXPECT_EQ(outcome.code, 100);
  EXPECT_THAT(outcome.out, HasSubstr("d/graph.yaml:1: error: DECLARATION_INVALID"));
  Remove("d/graph.yaml");
  EXPECT_EQ(Drift().code, 3);
  Write("d/graph.yaml", "services: {}\n");
  EXPECT_EQ(Drift({"--timeout", "1s"}).code, 7);
}

TEST_F(GraphTest, AGraphThatEndsEarlyIsNoGraph) {
  messages_[1].set_done(false);
  server_.SetGraph(messages_);
  EXPECT_EQ(Run({"graph", "show"}).code, 7);
}

}  // namespace
}  // namespace nexus::cli
