#include "route/book/route_state.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::route {
namespace {

RouteDeclaration Route(const std::string& name, const std::string& kind = "jsonl") {
  RouteDeclaration route;
  route.name = name;
  route.sink.kind = kind;
  return route;
}

RouteEvent Declared(RouteDeclaration route, bool restart = false) {
  RouteEvent event{.change = RouteChange::kDeclared, .restart = restart};
  event.name = route.name;
  event.route = std::move(route);
  return event;
}

RouteEvent Of(RouteChange change, const std::string& name) {
  return {.change = change, .name = name};
}

class RouteStateTest : public ::testing::Test {
 protected:
  void Apply(const RouteEvent& event) {
    ASSERT_TRUE(state_.Apply(event, {Revision(next_++), Timestamp{5}, "ann"}).ok());
  }

  RouteState state_{{Route("critical"), Route("standard")}};
  uint64_t next_ = 0;
};

TEST_F(RouteStateTest, BeginsWithWhatTheConfigurationHas) {
  EXPECT_EQ(state_.routes().size(), 2u);
  EXPECT_TRUE(state_.Find("critical")->configured);
  EXPECT_EQ(state_.Find("nowhere"), nullptr);
}

TEST_F(RouteStateTest, ADeclarationGoesBeforeTheConfigurationAndKeepsItsCheckpoint) {
  Apply(Declared(Route("critical", "kafka")));
  EXPECT_EQ(state_.Find("critical")->declaration.sink.kind, "kafka");
  EXPECT_FALSE(state_.Find("critical")->configured);
  EXPECT_EQ(state_.Find("critical")->generation, 0u);
  EXPECT_EQ(state_.Find("critical")->changed_by, "ann");
  EXPECT_TRUE(state_.Find("standard")->configured) << "it stays";
}

TEST_F(RouteStateTest, ARouteThatComesBackIsAnotherOne) {
  Apply(Declared(Route("orders")));
  Apply(Of(RouteChange::kPaused, "orders"));
  Apply(Of(RouteChange::kRemoved, "orders"));
  EXPECT_EQ(state_.Find("orders"), nullptr);
  Apply(Declared(Route("orders")));
  EXPECT_EQ(state_.Find("orders")->generation, 1u);
  EXPECT_FALSE(state_.Find("orders")->paused);
  Apply(Declared(Route("orders", "kafka")));
  EXPECT_EQ(state_.Find("orders")->generation, 1u) << "changed, not begun anew";
  Apply(Declared(Route("orders", "kafka"), /*restart=*/true));
  EXPECT_EQ(state_.Find("orders")->generation, 2u);
}

TEST_F(RouteStateTest, RemovesWhatTheConfigurationHas) {
  Apply(Of(RouteChange::kRemoved, "standard"));
  EXPECT_EQ(state_.routes().size(), 1u);
  Apply(Declared(Route("standard")));
  EXPECT_EQ(state_.Find("standard")->generation, 1u);
}

TEST_F(RouteStateTest, ADeclarationLeavesAPauseUnlessItSaysSo) {
  Apply(Of(RouteChange::kPaused, "critical"));
  Apply(Declared(Route("critical", "kafka")));
  EXPECT_TRUE(state_.Find("critical")->paused);
  RouteDeclaration runs = Route("critical", "kafka");
  runs.paused = false;
  Apply(Declared(runs));
  EXPECT_FALSE(state_.Find("critical")->paused);
}

TEST_F(RouteStateTest, KnowsWhatWouldChangeNothing) {
  EXPECT_FALSE(state_.IsSo(Declared(Route("critical")))) << "to declare it makes it permanent";
  Apply(Declared(Route("critical")));
  EXPECT_TRUE(state_.IsSo(Declared(Route("critical"))));
  EXPECT_FALSE(state_.IsSo(Declared(Route("critical"), /*restart=*/true)));
  EXPECT_FALSE(state_.IsSo(Declared(Route("critical", "kafka"))));
  EXPECT_TRUE(state_.IsSo(Of(RouteChange::kResumed, "critical")));
  EXPECT_FALSE(state_.IsSo(Of(RouteChange::kPaused, "critical")));
}

TEST_F(RouteStateTest, ChecksThatThereIsSuchARouteAndRange) {
  EXPECT_EQ(ReasonOf(state_.Check(Of(RouteChange::kRemoved, "x"))), ErrorReason::kNotFound);
  RouteEvent replay = Of(RouteChange::kReplayStarted, "critical");
  EXPECT_EQ(ReasonOf(state_.Check(replay)), ErrorReason::kMalformedRequest);
  replay.from = Position(5);
  replay.to = Position(4);
  EXPECT_EQ(ReasonOf(state_.Check(replay)), ErrorReason::kMalformedRequest);
  replay.to = Position(5);
  EXPECT_TRUE(state_.Check(replay).ok());
  EXPECT_EQ(ReasonOf(state_.Check(Of(RouteChange::kReplayEnded, "critical"))),
            ErrorReason::kNotFound);
}

TEST_F(RouteStateTest, KeepsReplaysUntilTheyEndAndTheNewestAfter) {
  for (int i = 0; i < 40; ++i) {
    RouteEvent replay = Of(RouteChange::kReplayStarted, "critical");
    replay.from = replay.to = Position(1);
    Apply(replay);
    if (i == 0) continue;  // this one goes on
    RouteEvent ended = Of(RouteChange::kReplayEnded, "critical");
    ended.replay = next_ - 1;
    ended.outcome = "done";
    Apply(ended);
  }
  const auto& replays = state_.Find("critical")->replays;
  ASSERT_EQ(replays.size(), 16u);
  EXPECT_EQ(replays.front().id, 0u);
  EXPECT_FALSE(replays.front().ended);
  EXPECT_EQ(replays.back().outcome, "done");
}

TEST(RouteEventsTest, ReadBackAsTheyWereWritten) {
  schema::SimdJsonReader json;
  RouteEvent replay = Of(RouteChange::kReplayStarted, "a\"b");
  replay.from = Position(3);
  replay.to = Position(UINT64_MAX / 2);
  replay.comment = "why\nnot";
  RouteEvent ended = Of(RouteChange::kReplayEnded, "a");
  ended.replay = 7;
  ended.outcome = "done";
  RouteEvent rules{.change = RouteChange::kClassified};
  rules.rules = CriticalityRules();
  for (const RouteEvent& event :
       {Declared(Route("a", "kafka"), true), Of(RouteChange::kRemoved, "a"),
        Of(RouteChange::kPaused, "a"), Of(RouteChange::kResumed, "a"), replay, ended, rules}) {
    const std::string data = EncodeRouteEvent(event);
    const auto back = DecodeRouteEvent(TypeOf(event.change), data, json);
    ASSERT_TRUE(back.ok()) << back.status() << data;
    EXPECT_EQ(back->change, event.change);
    EXPECT_EQ(back->name, event.name);
    EXPECT_EQ(back->route, event.route);
    EXPECT_EQ(EncodeRouteEvent(*back), data);
  }
}

TEST(RouteEventsTest, RefusesWhatItDoesNotUnderstand) {
  schema::SimdJsonReader json;
  EXPECT_EQ(ReasonOf(DecodeRouteEvent("$route-renamed", "{}", json).status()),
            ErrorReason::kUnsupportedFormat);
  for (const char* data : {"", "[]", "{}", R"({"route":{"name":"a"}})"}) {
    EXPECT_EQ(ReasonOf(DecodeRouteEvent(kRouteDeclaredType, data, json).status()),
              ErrorReason::kDataLoss)
        << data;
  }
}

}  // namespace
}  // namespace nexus::route
