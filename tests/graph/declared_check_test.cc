#include "graph/declared_check.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::graph {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

DeclaredService Service(const std::string& name, std::vector<std::string> publishes,
                        std::vector<std::string> consumes) {
  DeclaredService service;
  service.name = name;
  uint64_t line = 1;
  for (std::string& type : publishes) {
    service.publishes.push_back({std::move(type), "", {name + ".yaml", ++line}});
  }
  for (std::string& type : consumes) {
    service.consumes.push_back({std::move(type), "", {name + ".yaml", ++line}});
  }
  return service;
}

std::vector<std::string> Check(const DeclaredGraph& graph,
                               const std::optional<std::set<std::string>>& schemas = {}) {
  std::vector<std::string> texts;
  for (const GraphFinding& finding : CheckDeclared(graph, schemas)) {
    texts.push_back(absl::StrCat(finding.rule, " ", finding.place.file, ":", finding.place.line,
                                 " ", finding.subject));
  }
  return texts;
}

TEST(DeclaredCheckTest, AGraphThatFitsHasNoFinding) {
  EXPECT_THAT(Check({{Service("billing", {"InvoiceSent"}, {"OrderPlaced"}),
                      Service("orders", {"OrderPlaced"}, {"InvoiceSent"})}},
                    {{"InvoiceSent", "OrderPlaced"}}),
              IsEmpty());
}

TEST(DeclaredCheckTest, WhatNobodyPublishesCannotBeConsumed) {
  EXPECT_THAT(Check({{Service("billing", {}, {"OrderPlaced", "OrderPlacd"}),
                      Service("orders", {"OrderPlaced"}, {})}}),
              ElementsAre("NOT_PUBLISHED billing.yaml:3 billing consumes OrderPlacd"));
}

TEST(DeclaredCheckTest, EveryTypeNeedsASchema) {
  EXPECT_THAT(Check({{Service("billing", {"InvoiceSent"}, {"OrderPlaced"}),
                      Service("orders", {"OrderPlaced"}, {})}},
                    {{"InvoiceSent"}}),
              ElementsAre("NO_SCHEMA billing.yaml:3 billing consumes OrderPlaced",
                          "NO_SCHEMA orders.yaml:2 orders publishes OrderPlaced"));
}

TEST(DeclaredCheckTest, ATypeHasOnePublisher) {
  const DeclaredGraph graph{{Service("a", {"Moved"}, {}), Service("b", {"Moved"}, {})}};
  EXPECT_THAT(Check(graph), ElementsAre("TWO_PUBLISHERS a.yaml:2 Moved"));
  EXPECT_EQ(CheckDeclared(graph, {})[0].level, FindingLevel::kWarning);
}

TEST(DeclaredCheckTest, ACallPastTheLogIsAnErrorUnlessAReasonIsGiven) {
  DeclaredService service = Service("orders", {}, {});
  service.calls.push_back({"stock", "", "calls stock", {"orders.yaml", 7}});
  service.calls.push_back({"tax", "until 2027", "calls tax", {"orders.yaml", 8}});
  const auto findings = CheckDeclared({{service}}, {});
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].rule, "DIRECT_CALL");
  EXPECT_EQ(findings[0].level, FindingLevel::kError);
  EXPECT_EQ(findings[1].level, FindingLevel::kNote);
  EXPECT_THAT(findings[1].message, ::testing::HasSubstr("until 2027"));
}

}  // namespace
}  // namespace nexus::graph
