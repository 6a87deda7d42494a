#include "command/decision.h"

#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::command {
namespace {

class DecisionTest : public ::testing::Test {
 protected:
  absl::StatusOr<Decision> Read(absl::string_view text) {
    domain::AggregateDeclaration aggregate;
    aggregate.name = "order";
    aggregate.events = {"OrderPlaced", "Order\"Quoted"};
    return ReadDecision(text, aggregate, json_);
  }
  schema::SimdJsonReader json_;
};

TEST_F(DecisionTest, HasEventsWithTheirDataAsTheyStand) {
  const auto decision =
      Read(R"(["events","OrderPlaced",{"b":1,"a":[2]},null,"Order\"Quoted",3,)"
           R"({"metadata":{"k":"v"},"tags":["t"],)"
           R"("routing":{"criticality":"high","businessImpact":0.5,"maxLatencyMs":20}}])");
  ASSERT_TRUE(decision.ok()) << decision.status();
  ASSERT_EQ(decision->events.size(), 2u);
  EXPECT_EQ(decision->events[0].type, "OrderPlaced");
  EXPECT_EQ(decision->events[0].data, R"({"b":1,"a":[2]})");
  const DecidedEvent& second = decision->events[1];
  EXPECT_EQ(second.type, "Order\"Quoted");
  EXPECT_EQ(second.data, "3");
  EXPECT_EQ(second.metadata.front().second, "v");
  EXPECT_EQ(second.tags.front(), "t");
  EXPECT_EQ(second.routing.criticality, Criticality::kHigh);
  EXPECT_EQ(second.routing.business_impact, 0.5);
  EXPECT_EQ(second.routing.max_latency_ms, 20u);
}

TEST_F(DecisionTest, MayBeNothing) {
  const auto decision = Read(R"(["events"])");
  ASSERT_TRUE(decision.ok());
  EXPECT_TRUE(decision->events.empty());
  EXPECT_FALSE(decision->rejection.has_value());
}

TEST_F(DecisionTest, MayBeARejection) {
  const auto decision = Read(R"(["reject","too late",{"since":"monday"}])");
  ASSERT_TRUE(decision.ok());
  ASSERT_TRUE(decision->rejection.has_value());
  const absl::Status status = RejectionStatus(*decision->rejection);
  EXPECT_EQ(ReasonOf(status), ErrorReason::kCommandRejected);
  EXPECT_EQ(status.message(), "the command is rejected: too late");
  const ErrorDetails details = DetailsOf(status);
  ASSERT_EQ(details.metadata.size(), 2u);
  EXPECT_EQ(details.metadata[1].second, R"({"since":"monday"})");
}

TEST_F(DecisionTest, OfAnUndeclaredTypeIsAFault) {
  const auto decision = Read(R"(["events","OrderLost",{},null])");
  EXPECT_EQ(ReasonOf(decision.status()), ErrorReason::kDomainCodeFailed);
  EXPECT_NE(decision.status().message().find("OrderLost"), absl::string_view::npos);
}

TEST_F(DecisionTest, WithExtrasOfTheWrongKindIsAFault) {
  for (const char* extra : {R"({"tags":"t"})", R"({"metadata":{"k":1}})", R"({"else":1})",
                            R"({"routing":{"criticality":"huge"}})"}) {
    const auto decision = Read(absl::StrCat(R"(["events","OrderPlaced",{},)", extra, "]"));
    EXPECT_EQ(ReasonOf(decision.status()), ErrorReason::kDomainCodeFailed) << extra;
  }
}

}  // namespace
}  // namespace nexus::command
