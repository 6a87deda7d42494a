// Appends that are held back because a route lags.

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/engine_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class AppendHoldTest : public EngineFixture {
 protected:
  static constexpr absl::Duration kMs = absl::Milliseconds(1);
  static constexpr absl::Duration kPause = absl::Milliseconds(100);

  void SetUp() override {
    EngineFixture::SetUp();
    SetCategory("order", false);
    SetCategory("stock", false);
  }
  // What is held still refers to the engine.
  void TearDown() override { Pass(absl::Seconds(1)); }
  const route::AppendPace* Pace() override { return &pace_; }

  void Lag(absl::Duration lag) { route_->Report({lag, {}}, true, rules_); }
  Answer Later(const std::string& stream, const std::string& type = "noted", Caller caller = {},
               const std::shared_ptr<AppendOrder>& order = nullptr) {
    return AppendLater(Draft(stream, type, "{}"), std::move(caller), order);
  }
  void Pass(absl::Duration time) {
    clock_.Advance(time);
    executor_.Advance(time);
  }
  Caller Until(absl::Duration left) {
    Caller caller;
    caller.deadline = clock_.Monotonic() + left;
    return caller;
  }
  double Paced() { return metrics_.Value("nexus_append_paced_total"); }
  double Dropped(const std::string& why) {
    return metrics_.Value(absl::StrCat("nexus_append_dropped_total{why=", why, "}"));
  }
  static route::RouteMatch Orders() {
    route::RouteMatch match;
    match.categories = {"order"};
    return match;
  }

  const route::ClassificationPtr rules_ = std::make_shared<const route::Classification>();
  route::AppendPace pace_{clock_, metrics_, {.wait_max = kPause}};
  const std::unique_ptr<route::AppendPace::Route> route_ = pace_.Watch("orders", Orders());
};

TEST_F(AppendHoldTest, NothingIsHeldWhileNoRouteLags) {
  const Answer answer = Later("order-1");
  executor_.RunAll();
  ASSERT_TRUE(answer->has_value());
  EXPECT_TRUE((*answer)->ok()) << (*answer)->status();
  EXPECT_EQ(Paced(), 0);
}

TEST_F(AppendHoldTest, WhatTheRouteMatchesIsAnsweredAfterThePause) {
  Lag(400 * kMs);
  const Answer held = Later("order-1");
  const Answer other = Later("stock-1");
  Pass(kPause - kMs);
  EXPECT_FALSE(held->has_value());
  ASSERT_TRUE(other->has_value());
  EXPECT_TRUE((*other)->ok());
  Pass(kMs);
  ASSERT_TRUE(held->has_value());
  EXPECT_TRUE((*held)->ok()) << (*held)->status();
  EXPECT_THAT(Types("order-1"), SizeIs(1));
  EXPECT_EQ(Paced(), 1);
}

TEST_F(AppendHoldTest, OneEventThatTheRouteMatchesHoldsTheWholeCommit) {
  Lag(400 * kMs);
  CommitDraft draft = Draft("stock-1", "noted", "{}");
  draft.streams.push_back(Draft("order-1", "noted", "{}").streams[0]);
  const Answer held = AppendLater(std::move(draft), {});
  executor_.RunAll();
  EXPECT_FALSE(held->has_value());
  Pass(kPause);
  EXPECT_TRUE(held->has_value());
}

TEST_F(AppendHoldTest, ACommandIsNotHeld) {
  Lag(400 * kMs);
  CommitDraft draft = Draft("order-1", "noted", "{}");
  draft.of_command = true;
  const Answer answer = AppendLater(std::move(draft), {});
  executor_.RunAll();
  EXPECT_TRUE(answer->has_value());
  EXPECT_EQ(Paced(), 0);
}

TEST_F(AppendHoldTest, ThePauseTakesHalfOfTheTimeThatIsLeftAtMost) {
  Lag(400 * kMs);
  const Answer held = Later("order-1", "noted", Until(60 * kMs));
  Pass(29 * kMs);
  EXPECT_FALSE(held->has_value());
  Pass(kMs);
  ASSERT_TRUE(held->has_value());
  EXPECT_TRUE((*held)->ok()) << (*held)->status();
}

TEST_F(AppendHoldTest, WhatIsLateAfterThePauseIsNotStored) {
  Lag(400 * kMs);
  const size_t asked = policy_.questions().size();
  const Answer held = Later("order-1", "noted", Until(60 * kMs));
  clock_.Advance(61 * kMs);
  executor_.Advance(30 * kMs);
  EXPECT_THAT(policy_.questions(), SizeIs(asked));
  ASSERT_TRUE(held->has_value());
  EXPECT_EQ(ReasonOf((*held)->status()), ErrorReason::kOverloaded);
  EXPECT_EQ(StreamReason("order-1"), ErrorReason::kStreamNotFound);
  EXPECT_EQ(Dropped("late"), 1);
}

TEST_F(AppendHoldTest, WhatNobodyWaitsForAnyMoreIsNotStored) {
  Lag(400 * kMs);
  auto gone = std::make_shared<std::atomic<bool>>(false);
  Caller caller;
  caller.gone = gone;
  const Answer held = Later("order-1", "noted", std::move(caller));
  gone->store(true);
  Pass(kPause);
  ASSERT_TRUE(held->has_value());
  EXPECT_FALSE((*held)->ok());
  EXPECT_EQ(StreamReason("order-1"), ErrorReason::kStreamNotFound);
  EXPECT_EQ(Dropped("gone"), 1);
}

TEST_F(AppendHoldTest, APipelineKeepsItsOrder) {
  const auto order = std::make_shared<AppendOrder>();
  Lag(400 * kMs);
  const Answer first = Later("order-1", "first", {}, order);
  Lag(absl::ZeroDuration());
  const Answer second = Later("order-1", "second", {}, order);
  const Answer third = Later("stock-1", "third", {}, order);
  Pass(kPause - kMs);
  EXPECT_FALSE(first->has_value());
  EXPECT_FALSE(second->has_value());
  EXPECT_FALSE(third->has_value());
  Pass(kMs);
  ASSERT_TRUE(first->has_value() && second->has_value() && third->has_value());
  EXPECT_THAT(Types("order-1"), ElementsAre("first", "second"));
  EXPECT_LT((*first)->value().last, (*third)->value().first);
  EXPECT_EQ(Paced(), 3) << "what would have to wait for the first is held with it";
  const Answer fourth = Later("order-1", "fourth", {}, order);
  executor_.RunAll();
  EXPECT_TRUE(fourth->has_value()) << "nothing is held any more";
}

TEST_F(AppendHoldTest, RulesThatChangeDuringThePauseHold) {
  Lag(400 * kMs);
  const Answer held = Later("order-1");
  policy_.Answer(fake::ScriptedPolicy::Deny("closed"));
  Pass(kPause);
  ASSERT_TRUE(held->has_value());
  EXPECT_EQ(ReasonOf((*held)->status()), ErrorReason::kPolicyDenied);
}

TEST_F(AppendHoldTest, WhatIsHeldIsBoundedAsWhatIsUnderWay) {
  constexpr size_t kBound = AdmissionGate::Options().commits_max;
  Lag(400 * kMs);
  std::vector<Answer> held;
  for (size_t i = 0; i < kBound + 100; ++i) {
    Caller caller;
    caller.principal.name = absl::StrCat("client-", i % 100);
    Answer answer = Later("order-1", "noted", std::move(caller));
    if (!answer->has_value()) {
      held.push_back(std::move(answer));
    } else {
      EXPECT_EQ(ReasonOf((*answer)->status()), ErrorReason::kOverloaded);
    }
  }
  EXPECT_EQ(static_cast<double>(held.size()), Paced());
  EXPECT_GT(held.size(), kBound / 2);
  EXPECT_LE(held.size(), kBound);
  Pass(kPause);
  for (const Answer& answer : held) ASSERT_TRUE(answer->has_value() && (*answer)->ok());
}

TEST_F(AppendHoldTest, WhatIsHeldIsAnsweredBeforeTheEngineIsDrained) {
  Lag(400 * kMs);
  const Answer held = Later("order-1");
  bool drained = false;
  engine_->Drain([&] { drained = true; });
  executor_.RunAll();
  EXPECT_FALSE(drained);
  for (int i = 0; i < 100 && !drained; ++i) Pass(10 * kMs);
  EXPECT_TRUE(drained);
  ASSERT_TRUE(held->has_value());
  EXPECT_TRUE((*held)->ok()) << (*held)->status();
}

}  // namespace
}  // namespace nexus::engine
