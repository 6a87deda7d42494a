// AdminService/GetServiceGraph of a real nexusd: what was written, and who subscribes.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

class ServiceGraphTest : public DaemonFixture {
 protected:
  void SetUp() override { StartDaemon({"--set", "policy.engine=none"}); }

  // The id of the event; `source` names the service.
  std::string Write(const std::string& stream, const std::string& type, const std::string& source,
                    const std::string& cause = "") {
    v1::AppendRequest request = OneEvent(stream, type, "{}");
    v1::NewEvent& event = *request.mutable_streams(0)->mutable_events(0);
    (*event.mutable_metadata())["ce_source"] = source;
    event.set_causation_id(cause);
    event.set_event_id(absl::StrCat("0192f0c1-2345-7000-8000-00000000000", ++written_));
    v1::AppendResponse response;
    const grpc::Status status = events_->Append(Context().get(), request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return event.event_id();
  }
  admin::v1::GetServiceGraphResponse Graph() {
    const auto context = Context();
    const auto reader = admin_->GetServiceGraph(context.get(), {});
    admin::v1::GetServiceGraphResponse all;
    for (admin::v1::GetServiceGraphResponse next; reader->Read(&next);) {
      for (const auto& edge : next.edges()) *all.add_edges() = edge;
      for (const auto& row : next.services()) *all.add_services() = row;
      for (const auto& row : next.subscriptions()) *all.add_subscriptions() = row;
      all.set_done(next.done());
      all.set_position(next.position());
    }
    EXPECT_TRUE(reader->Finish().ok());
    EXPECT_TRUE(all.done());
    return all;
  }
  static std::vector<std::string> Edges(const admin::v1::GetServiceGraphResponse& graph) {
    std::vector<std::string> texts;
    for (const auto& edge : graph.edges()) {
      texts.push_back(absl::StrCat(admin::v1::GraphEdgeKind_Name(edge.kind()).substr(16), " ",
                                   edge.service(), " ", edge.category(), "/", edge.type(), " x",
                                   edge.seen().events()));
    }
    return texts;
  }

  int written_ = 0;
};

TEST_F(ServiceGraphTest, GrowsWithTheLogAndKnowsSubscribers) {
  ASSERT_TRUE(RegisterSchema("OrderPlaced", "true").ok());
  ASSERT_TRUE(RegisterSchema("InvoiceSent", "true").ok());
  const std::string placed = Write("order-1", "OrderPlaced", "orders");
  EXPECT_THAT(Edges(Graph()), ElementsAre("PUBLISHES orders order/OrderPlaced x1"));
  Write("invoice-1", "InvoiceSent", "billing", placed);
  const auto context = Context();
  v1::SubscribeRequest subscribe;
  subscribe.mutable_filter()->add_items()->add_types("OrderPlaced");
  const auto reader = events_->Subscribe(context.get(), subscribe);
  v1::SubscribeResponse first;
  ASSERT_TRUE(reader->Read(&first));
  const auto graph = Graph();
  EXPECT_THAT(Edges(graph), ElementsAre("PUBLISHES billing invoice/InvoiceSent x1",
                                        "PUBLISHES orders order/OrderPlaced x1",
                                        "CONSUMES billing order/OrderPlaced x1"));
  ASSERT_EQ(graph.subscriptions_size(), 1);
  EXPECT_EQ(graph.subscriptions(0).principal(), "anonymous");
  EXPECT_EQ(graph.subscriptions(0).place(), "*");
  EXPECT_EQ(graph.subscriptions(0).type(), "OrderPlaced");
  EXPECT_EQ(graph.services_size(), 2);
  EXPECT_THAT(graph.services(0).principals(), Contains("anonymous"));
  context->TryCancel();
}

}  // namespace
}  // namespace nexus::integration
