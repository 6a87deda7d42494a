// The example domain examples/orders, applied by nexusctl, against the real daemon.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "http/raw_connection.h"
#include "integration/daemon_fixture.h"
#include "nexus/v1/audit.grpc.pb.h"
#include "nexus/v1/command.grpc.pb.h"
#include "nexus/v1/query.grpc.pb.h"

namespace nexus::integration {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kSomeId[] = "018f0000-0000-7000-8000-0000000000bb";

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

class OrdersDomainTest : public DaemonFixture {
 protected:
  void SetUp() override {
    Begin();
    const harness::ExitStatus applied = Nexusctl("apply -f " + example_ + " --comment first");
    ASSERT_EQ(applied.code, 0) << output_;
  }
  void Begin() {
    StartDaemon();
    commands_ = v1::CommandService::NewStub(daemon_->Channel());
  }
  void Restart() {
    const auto exit = daemon_->Terminate();
    ASSERT_TRUE(exit.ok() && exit->Succeeded()) << daemon_->Output();
    Begin();
  }

  // Its output is in output_ afterwards.
  harness::ExitStatus Nexusctl(const std::string& arguments) {
    harness::ChildOptions options;
    options.command = {"/bin/bash", "-c", Variable("NEXUS_BIN_DIR") + "/nexusctl " + arguments};
    options.environment = {{"NEXUS_SERVER", daemon_->endpoints().grpc}};
    auto child = harness::ChildProcess::Start(options);
    EXPECT_TRUE(child.ok()) << child.status();
    const auto exit = (*child)->WaitForExit(absl::Minutes(1));
    EXPECT_TRUE(exit.ok()) << exit.status();
    output_ = (*child)->Output();
    return *exit;
  }

  grpc::Status Execute(v1::ExecuteRequest request, v1::ExecuteResponse* receipt = nullptr) {
    v1::ExecuteResponse ignored;
    return commands_->Execute(Context().get(), request, receipt != nullptr ? receipt : &ignored);
  }
  static v1::ExecuteRequest Command(const std::string& type, const std::string& data,
                                    const std::string& id = "") {
    v1::ExecuteRequest request;
    request.mutable_command()->set_type(type);
    request.mutable_command()->set_data(data);
    request.mutable_command()->set_command_id(id);
    return request;
  }
  static v1::ExecuteRequest Place(const std::string& order, int quantity = 2,
                                  const std::string& id = "") {
    return Command("PlaceOrder",
                   absl::StrCat(R"({"orderId":")", order, R"(","customerId":"ann","lines":[)",
                                R"({"sku":"tea","quantity":)", quantity, R"(,"price":450}]})"),
                   id);
  }
  static v1::ExecuteRequest Ship(const std::string& order) {
    return Command("ShipOrder", absl::StrCat(R"({"orderId":")", order, R"(","carrier":"post"})"));
  }
  // With the reason that the example's policy wants.
  static v1::ExecuteRequest Cancel(const std::string& order) {
    v1::ExecuteRequest request =
        Command("CancelOrder", absl::StrCat(R"({"orderId":")", order, R"(","reason":"none"})"));
    (*request.mutable_command()->mutable_metadata())["reason"] = "a test";
    return request;
  }

  std::vector<std::string> TypesIn(const std::string& stream) {
    std::vector<std::string> types;
    for (const v1::Event& event : ReadStream(stream)) types.push_back(event.type());
    return types;
  }
  // What the domain's route has written so far.
  std::string Delivered() {
    std::stringstream text;
    const fs::path outbox = folder_ / "data/outbox/orders";
    if (!fs::exists(outbox)) return "";
    for (const auto& file : fs::directory_iterator(outbox)) {
      if (file.is_regular_file()) text << std::ifstream(file.path()).rdbuf();
    }
    return text.str();
  }

  const std::string example_ = Variable("NEXUS_SOURCE_DIR") + "/examples/orders";
  std::string output_;
  std::unique_ptr<v1::CommandService::Stub> commands_;
};

TEST_F(OrdersDomainTest, ACommandBecomesAnEventThatReachesItsRoute) {
  v1::ExecuteResponse receipt;
  const grpc::Status status = Execute(Place("1"), &receipt);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(receipt.aggregate(), "order");
  EXPECT_EQ(receipt.stream(), "order-1");
  EXPECT_EQ(receipt.revision(), 0u);
  const std::vector<v1::Event> events = ReadStream("order-1");
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].type(), "OrderPlaced");
  EXPECT_THAT(events[0].data(), HasSubstr(R"("total":900)"));
  EXPECT_EQ(events[0].position(), receipt.position());
  EXPECT_EQ(events[0].causation_id(), receipt.command_id());
  EXPECT_TRUE(fake::Eventually([&] { return absl::StrContains(Delivered(), "OrderPlaced"); }));
  EXPECT_THAT(Delivered(), HasSubstr(events[0].event_id()));
}

TEST_F(OrdersDomainTest, RefusesWhatBreaksItsSchemaAndStoresNothing) {
  EXPECT_EQ(ReasonOf(Execute(Place("1", 0))), "SCHEMA_VIOLATION");
  EXPECT_EQ(ReasonOf(Execute(Command("PlaceOrder", R"({"orderId":"1"})"))), "SCHEMA_VIOLATION");
  EXPECT_EQ(
      ReasonOf(Execute(Command("CancelOrder", R"({"orderId":"1","reason":"x","reson":"y"})"))),
      "SCHEMA_VIOLATION");
  EXPECT_EQ(ReasonOf(Execute(Command("PlaceOrders", "{}"))), "COMMAND_NOT_DECLARED");
  EXPECT_THAT(ReadStream("order-1"), SizeIs(0));
}

TEST_F(OrdersDomainTest, RejectsWhatBreaksARule) {
  EXPECT_EQ(ReasonOf(Execute(Ship("1"))), "COMMAND_REJECTED");
  EXPECT_EQ(ReasonOf(Execute(Cancel("1"))), "COMMAND_REJECTED");
  ASSERT_TRUE(Execute(Place("1")).ok());
  const grpc::Status again = Execute(Place("1"));
  EXPECT_EQ(ReasonOf(again), "COMMAND_REJECTED");
  EXPECT_THAT(again.error_message(), HasSubstr("already_placed"));
  ASSERT_TRUE(Execute(Ship("1")).ok());
  EXPECT_EQ(ReasonOf(Execute(Cancel("1"))), "COMMAND_REJECTED");
  EXPECT_THAT(TypesIn("order-1"), ElementsAre("OrderPlaced", "OrderShipped"));
  // To cancel twice is no fault and no second event.
  ASSERT_TRUE(Execute(Place("2")).ok());
  ASSERT_TRUE(Execute(Cancel("2")).ok());
  v1::ExecuteResponse nothing;
  ASSERT_TRUE(Execute(Cancel("2"), &nothing).ok());
  EXPECT_EQ(nothing.events_size(), 0);
  EXPECT_EQ(nothing.revision(), 1u);
  EXPECT_THAT(TypesIn("order-2"), ElementsAre("OrderPlaced", "OrderCancelled"));
}

TEST_F(OrdersDomainTest, RefusesWhatItsPolicyRefuses) {
  ASSERT_TRUE(Execute(Place("1")).ok());
  v1::ExecuteRequest unexplained = Cancel("1");
  unexplained.mutable_command()->clear_metadata();
  const grpc::Status refused = Execute(unexplained);
  EXPECT_EQ(ReasonOf(refused), "POLICY_DENIED");
  const auto failure = DetailOf<google::rpc::PreconditionFailure>(refused);
  ASSERT_EQ(failure.violations_size(), 1);
  EXPECT_EQ(failure.violations(0).subject(), "orders/reasons/cancel_needs_a_reason");
  EXPECT_THAT(TypesIn("order-1"), ElementsAre("OrderPlaced"));
}

TEST_F(OrdersDomainTest, ARepeatedCommandIsStoredOnceThoughTheServerWasRestarted) {
  v1::ExecuteResponse first;
  const grpc::Status placed = Execute(Place("1", 2, kSomeId), &first);
  ASSERT_TRUE(placed.ok()) << placed.error_message();
  EXPECT_FALSE(first.repeated_command());
  Restart();
  v1::ExecuteResponse second;
  const grpc::Status status = Execute(Place("1", 2, kSomeId), &second);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(second.repeated_command());
  EXPECT_EQ(second.position(), first.position());
  EXPECT_EQ(ReasonOf(Execute(Place("1", 3, kSomeId))), "ID_REUSED");
  EXPECT_THAT(TypesIn("order-1"), ElementsAre("OrderPlaced"));
}

TEST_F(OrdersDomainTest, HoldsWhatTheCallerExpects) {
  v1::ExecuteRequest first = Place("1");
  first.mutable_expected_revision()->mutable_no_stream();
  ASSERT_TRUE(Execute(first).ok());
  v1::ExecuteRequest late = Ship("1");
  late.mutable_expected_revision()->set_exact(7);
  EXPECT_EQ(ReasonOf(Execute(late)), "REVISION_CONFLICT");
  late.mutable_expected_revision()->set_exact(0);
  EXPECT_TRUE(Execute(late).ok());
}

TEST_F(OrdersDomainTest, OneOfManyWritersWins) {
  ASSERT_TRUE(Execute(Place("1")).ok());
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([&, i] {
      const grpc::Status status = Execute(i % 2 == 0 ? Ship("1") : Cancel("1"));
      EXPECT_TRUE(status.ok() || ReasonOf(status) == "COMMAND_REJECTED") << status.error_message();
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_THAT(TypesIn("order-1"), SizeIs(2));
}

TEST_F(OrdersDomainTest, TellsWhatAnOrderWas) {
  ASSERT_TRUE(Execute(Place("1")).ok());
  ASSERT_TRUE(Execute(Ship("1")).ok());
  const auto queries = v1::QueryService::NewStub(daemon_->Channel());
  v1::StateAsOfRequest request;
  request.mutable_subject()->set_stream("order-1");
  request.mutable_as_of()->set_revision(0);
  v1::StateAsOfResponse placed;
  const grpc::Status status = queries->StateAsOf(Context().get(), request, &placed);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(placed.fold().aggregate(), "order");
  EXPECT_EQ(placed.last().revision(), 0u);
  EXPECT_THAT(placed.state(), HasSubstr("placed"));
  EXPECT_THAT(placed.state(), Not(HasSubstr("shipped")));

  http::RawConnection connection(daemon_->endpoints().http);
  connection.Send(
      "GET /api/queries/temporal/order-1/diff?from=revision:0 HTTP/1.1\r\nHost: a\r\n"
      "Connection: close\r\n\r\n");
  const std::string diff = connection.ReadAll();
  EXPECT_THAT(diff, HasSubstr("200 OK"));
  EXPECT_THAT(diff, HasSubstr("\"shipped\""));

  EXPECT_EQ(Nexusctl("state show order-1 --as-of revision:0 -o json").code, 0) << output_;
  EXPECT_THAT(output_, HasSubstr("placed"));
  EXPECT_EQ(Nexusctl("state history order-1 /status").code, 0) << output_;
  EXPECT_THAT(output_, HasSubstr("OrderShipped"));
  EXPECT_EQ(Nexusctl("state diff order-1 --from revision:0").code, 0) << output_;
  EXPECT_THAT(output_, HasSubstr("shipped"));
  EXPECT_NE(Nexusctl("state show order-9").code, 0);

  std::vector<std::string> asked;
  EXPECT_TRUE(fake::Eventually([&] {
    asked.clear();
    for (const v1::Event& event : ReadStream("$audit")) {
      if (event.type() == "$temporal-query") asked.push_back(event.data());
    }
    return asked.size() >= 6;
  }));
  EXPECT_THAT(asked.front(), HasSubstr("order-1"));
}

TEST_F(OrdersDomainTest, TellsWhatLedToWhat) {
  v1::ExecuteRequest place = Place("1");
  place.mutable_command()->set_correlation_id("case-7");
  v1::ExecuteResponse placed;
  ASSERT_TRUE(Execute(place, &placed).ok());
  v1::ExecuteRequest ship = Ship("1");
  ship.mutable_command()->set_correlation_id("case-7");
  ship.mutable_command()->set_causation_id(placed.events(0).event_id());
  v1::ExecuteResponse shipped;
  ASSERT_TRUE(Execute(ship, &shipped).ok());
  const auto audits = v1::AuditService::NewStub(daemon_->Channel());
  v1::TraceRequest request;
  request.set_id(shipped.command_id());
  v1::TraceResponse trace;
  const grpc::Status status = audits->Trace(Context().get(), request, &trace);
  ASSERT_TRUE(status.ok()) << status.error_message();
  std::vector<std::string> types;
  for (const v1::TraceNode& node : trace.nodes()) {
    types.push_back(absl::StrCat(node.depth(), " ", node.type()));
  }
  EXPECT_EQ(trace.correlation_id(), "case-7");
  EXPECT_THAT(types, ElementsAre("0 PlaceOrder", "1 OrderPlaced", "2 ShipOrder", "3 OrderShipped"));
  EXPECT_EQ(Nexusctl("trace case-7 -o table").code, 0) << output_;
  EXPECT_THAT(output_, HasSubstr("      OrderShipped"));
  EXPECT_NE(Nexusctl("trace case-8").code, 0);
}

TEST_F(OrdersDomainTest, IsChangedRolledBackAndRemoved) {
  const fs::path copy = folder_ / "orders";
  fs::copy(example_, copy, fs::copy_options::recursive);
  std::stringstream script;
  script << std::ifstream(copy / "aggregates/order.js").rdbuf();
  // From now on nothing is shipped.
  std::ofstream(copy / "aggregates/order.js")
      << absl::StrReplaceAll(script.str(), {{"state.status !== \"placed\"", "true"}});
  fs::remove(copy / "route.yaml");

  EXPECT_EQ(Nexusctl("plan --exit-code -o table -f " + copy.string()).code, 100);
  EXPECT_THAT(output_, HasSubstr("~ Aggregate order: its code changes\n"));
  EXPECT_THAT(output_, HasSubstr("\n    +    if (true) return ctx.reject("));
  EXPECT_THAT(output_, HasSubstr("- Route orders\n"));
  ASSERT_TRUE(Execute(Place("1")).ok());
  ASSERT_EQ(Nexusctl("apply -f " + copy.string()).code, 0) << output_;
  EXPECT_EQ(ReasonOf(Execute(Ship("1"))), "COMMAND_REJECTED");

  ASSERT_EQ(Nexusctl("domain rollback orders --to 1").code, 0) << output_;
  EXPECT_TRUE(Execute(Ship("1")).ok());
  EXPECT_EQ(Nexusctl("domain history orders -o jsonl").code, 0);
  EXPECT_THAT(output_, HasSubstr(R"("version":3)"));
  EXPECT_THAT(output_, HasSubstr(R"("rolled_back_to":1)"));
  EXPECT_EQ(Nexusctl("route show orders").code, 0) << output_;

  ASSERT_EQ(Nexusctl("domain rm orders").code, 0) << output_;
  EXPECT_EQ(ReasonOf(Execute(Place("2"))), "COMMAND_NOT_DECLARED");
  EXPECT_THAT(TypesIn("order-1"), SizeIs(2));
}

TEST_F(OrdersDomainTest, ANewDomainCanBeAppliedAsItIsWritten) {
  const std::string fresh = folder_ / "fresh";
  ASSERT_EQ(Nexusctl("new domain my-shop --dir " + fresh).code, 0) << output_;
  ASSERT_EQ(Nexusctl("apply -f " + fresh).code, 0) << output_;
  ASSERT_TRUE(Execute(Command("OpenMyShop", R"({"id":"1","title":"first"})")).ok());
  EXPECT_EQ(ReasonOf(Execute(Command("OpenMyShop", R"({"id":"1","title":"again"})"))),
            "COMMAND_REJECTED");
  EXPECT_EQ(ReasonOf(Execute(Command("OpenMyShop", R"({"id":"2"})"))), "SCHEMA_VIOLATION");
  ASSERT_TRUE(Execute(Command("CloseMyShop", R"({"id":"1"})")).ok());
  EXPECT_THAT(TypesIn("my_shop-1"), ElementsAre("MyShopOpened", "MyShopClosed"));
}

}  // namespace
}  // namespace nexus::integration
