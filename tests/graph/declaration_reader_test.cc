#include "graph/declared/declaration_reader.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "fake/temp_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::graph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kOrders[] = R"(asyncapi: 3.0.0
info: {title: Order service, version: 1.0.0}
x-nexus-service: orders
x-nexus-principals: [svc-orders]
channels:
  order:
    address: order-{id}
    messages:
      placed:
        name: OrderPlaced
      OrderShipped:
        $ref: 'shared/messages.json#/shipped'
  invoice:
    address: invoice-{id}
    messages:
      sent: {$ref: '#/components/messages/InvoiceSent'}
operations:
  place:
    action: send
    channel: {$ref: '#/channels/order'}
    messages:
      - $ref: '#/channels/order/messages/placed'
  all:
    action: send
    channel: {$ref: '#/channels/order'}
  follow:
    action: receive
    channel: {$ref: '#/channels/invoice'}
components:
  messages:
    InvoiceSent: {payload: {type: object}}
)";

class DeclarationReaderTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(folder_.At(name)).parent_path());
    folder_.Write(name, text);
  }
  Declarations Read() { return ReadDeclarations(folder_.path(), FindDeclarations(folder_.path())); }
  // Of one document alone.
  std::vector<std::string> FaultsOf(const std::string& text,
                                    const std::string& name = "graph.yaml") {
    Write(name, text);
    std::vector<std::string> faults;
    for (const DeclarationFault& fault : Read().faults) {
      faults.push_back(absl::StrCat(fault.place.file, ":", fault.place.line, ": ", fault.message));
    }
    return faults;
  }
  static std::vector<std::string> Texts(const std::vector<DeclaredUse>& uses) {
    std::vector<std::string> texts;
    for (const DeclaredUse& use : uses) {
      texts.push_back(
          absl::StrCat(use.category, "/", use.type, " ", use.place.file, ":", use.place.line));
    }
    return texts;
  }

  fake::TempFolder folder_;
};

TEST_F(DeclarationReaderTest, FindsTheFilesByTheirNames) {
  for (const char* name :
       {"asyncapi.yaml", "graph.yml", "orders.asyncapi.json", "graph/a.yaml", "asyncapi/b.json",
        "schemas/c.yaml", "other.yaml", "graph.txt", "graph/deep/d.yaml"}) {
    Write(name, "{}");
  }
  EXPECT_THAT(FindDeclarations(folder_.path()),
              ElementsAre("asyncapi.yaml", "asyncapi/b.json", "graph.yml", "graph/a.yaml",
                          "orders.asyncapi.json"));
}

TEST_F(DeclarationReaderTest, ReadsOurOwnForm) {
  Write("graph.yaml", R"(services:
  orders:
    description: takes orders
    principals: [svc-orders]
    publishes:
      - OrderPlaced
      - {type: OrderShipped, category: order}
    consumes: [InvoiceSent]
    calls:
      - stock
      - {service: tax, because: until 2027}
  billing:
)");
  const Declarations declared = Read();
  EXPECT_THAT(declared.faults, IsEmpty());
  ASSERT_THAT(declared.graph.services, SizeIs(2));
  const DeclaredService& orders = declared.graph.services[1];
  EXPECT_EQ(orders.name, "orders");
  EXPECT_EQ(orders.place.line, 2u);
  EXPECT_THAT(orders.principals, ElementsAre("svc-orders"));
  EXPECT_THAT(Texts(orders.publishes),
              ElementsAre("/OrderPlaced graph.yaml:6", "order/OrderShipped graph.yaml:7"));
  EXPECT_THAT(Texts(orders.consumes), ElementsAre("/InvoiceSent graph.yaml:8"));
  ASSERT_THAT(orders.calls, SizeIs(2));
  EXPECT_EQ(orders.calls[0].peer, "stock");
  EXPECT_EQ(orders.calls[1].because, "until 2027");
}

TEST_F(DeclarationReaderTest, ReadsAsyncApi) {
  Write("asyncapi.yaml", kOrders);
  Write("shared/messages.json", R"({"shipped": {"name": "OrderShipped"}})");
  const Declarations declared = Read();
  ASSERT_THAT(declared.faults, IsEmpty());
  ASSERT_THAT(declared.graph.services, SizeIs(1));
  const DeclaredService& orders = declared.graph.services[0];
  EXPECT_EQ(orders.name, "orders");
  EXPECT_THAT(orders.principals, ElementsAre("svc-orders"));
  EXPECT_THAT(Texts(orders.publishes), ElementsAre("order/OrderPlaced asyncapi.yaml:22",
                                                   "order/OrderShipped asyncapi.yaml:24"));
  EXPECT_THAT(Texts(orders.consumes), ElementsAre("invoice/InvoiceSent asyncapi.yaml:27"));
  EXPECT_THAT(orders.calls, IsEmpty());
}

TEST_F(DeclarationReaderTest, AReplyOrAServerThatIsNoLogIsACall) {
  std::string text(kOrders);
  text.replace(text.find("    action: receive"), 19, "    action: receive\n    reply: {}");
  text.replace(text.find("    address: order-{id}"), 23,
               "    address: order-{id}\n    servers: [{$ref: '#/servers/web'}]");
  Write("asyncapi.yaml", text + "servers:\n  web: {host: x, protocol: http}\n");
  Write("shared/messages.json", R"({"shipped": {"name": "OrderShipped"}})");
  const Declarations declared = Read();
  ASSERT_THAT(declared.faults, IsEmpty());
  std::vector<std::string> calls;
  for (const DeclaredCall& call : declared.graph.services.at(0).calls) calls.push_back(call.what);
  EXPECT_THAT(calls, ElementsAre("passes OrderPlaced by http", "passes OrderPlaced by http",
                                 "passes OrderShipped by http", "expects a reply to InvoiceSent"));
}

TEST_F(DeclarationReaderTest, ReadsJsonToo) {
  EXPECT_THAT(FaultsOf(R"({"services": {"orders": {"publishes": ["OrderPlaced"]}}})", "graph.json"),
              IsEmpty());
  EXPECT_THAT(Read().graph.services, SizeIs(1));
}

TEST_F(DeclarationReaderTest, WhatIsWrongIsToldWithFileAndLine) {
  EXPECT_THAT(FaultsOf("services:\n  a: {publishes: [b}\n"),
              ElementsAre(HasSubstr("graph.yaml:2: is not YAML: ")));
  EXPECT_THAT(FaultsOf("servces: {}\n"), ElementsAre(HasSubstr("graph.yaml:1: is neither")));
  EXPECT_THAT(FaultsOf(""), ElementsAre(HasSubstr("is neither")));
  EXPECT_THAT(FaultsOf("services: [a]\n"), ElementsAre("graph.yaml:1: services is not a map"));
  EXPECT_THAT(FaultsOf("services:\n  a:\n    publish: [x]\n"),
              ElementsAre(HasSubstr("graph.yaml:3: unknown key \"publish\"")));
  EXPECT_THAT(FaultsOf("services:\n  a:\n    publishes: x\n"),
              ElementsAre("graph.yaml:3: publishes is not a list"));
  EXPECT_THAT(FaultsOf("services:\n  a:\n    publishes:\n      - {category: x}\n"),
              ElementsAre("graph.yaml:4: names no type"));
  EXPECT_THAT(FaultsOf("services:\n  a:\n    publishes:\n      - {type: [x]}\n"),
              ElementsAre("graph.yaml:4: type is not text", "graph.yaml:4: names no type"));
  EXPECT_THAT(FaultsOf("services:\n  ? [x]\n  : y\n"),
              ElementsAre(HasSubstr("a name in services is not text")));
}

TEST_F(DeclarationReaderTest, AServiceIsDeclaredOnce) {
  Write("a.graph.yaml", "services:\n  orders: {}\n");
  EXPECT_THAT(FaultsOf("services:\n  orders: {}\n"),
              ElementsAre("graph.yaml:2: service orders is declared in a.graph.yaml:2 already"));
}

TEST_F(DeclarationReaderTest, FaultsOfAsyncApi) {
  const auto fault = [&](const std::string& text) {
    const auto faults = FaultsOf(text, "asyncapi.yaml");
    return faults.empty() ? std::string("none") : faults[0];
  };
  const std::string head = "asyncapi: 3.0.0\ninfo: {title: a}\noperations:\n  o:\n";
  EXPECT_THAT(fault("asyncapi: 2.6.0\n"), HasSubstr("asyncapi.yaml:1: asyncapi is \"2.6.0\""));
  EXPECT_THAT(fault("asyncapi: 3.0.0\n"), HasSubstr("names no service"));
  EXPECT_THAT(fault(head + "    action: publish\n"), HasSubstr(":5: action is \"publish\""));
  EXPECT_THAT(fault(head + "    action: send\n"), HasSubstr(":5: the operation has no channel"));
  EXPECT_THAT(fault(head + "    action: send\n    channel: {$ref: '#/channels/x'}\n"),
              HasSubstr("asyncapi.yaml:6: $ref \"#/channels/x\" names nothing that is there"));
  EXPECT_THAT(fault(head + "    action: send\n    channel: {$ref: '#/list/'}\nlist: [{}]\n"),
              HasSubstr("$ref \"#/list/\" names nothing that is there"));
  EXPECT_THAT(fault(head + "    action: send\n    channel: {$ref: 'https://example.org/x'}\n"),
              HasSubstr("leads out of the folder"));
  EXPECT_THAT(fault(head + "    action: send\n    channel: {$ref: '../../etc/passwd'}\n"),
              HasSubstr("leads out of the folder"));
  EXPECT_THAT(fault(head + "    action: send\n    channel: {$ref: 'none.yaml'}\n"),
              HasSubstr("none.yaml:0: cannot be read"));
  EXPECT_THAT(fault(head + "    action: send\n    channel: {$ref: '#/a'}\na: {$ref: '#/a'}\n"),
              HasSubstr("in a circle"));
  EXPECT_THAT(fault(head + "    action: send\n    channel: {address: x}\n"),
              HasSubstr("the channel has no messages"));
}

TEST_F(DeclarationReaderTest, NoInputBringsItDown) {
  const std::string whole(kOrders);
  for (size_t end = 0; end < whole.size(); end += 7) {
    Write("asyncapi.yaml", whole.substr(0, end));
    const Declarations declared = Read();
    EXPECT_LE(declared.graph.services.size(), 1u);
  }
  Write("asyncapi.yaml", std::string(100'000, '['));
  EXPECT_THAT(Read().graph.services, IsEmpty());
}

}  // namespace
}  // namespace nexus::graph
