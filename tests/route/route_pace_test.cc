// What a route that lags asks of those who append.

#include "route/pace/append_pace.h"
#include "route/router_fixture.h"

namespace nexus::route {
namespace {

class RoutePaceTest : public RouterTest {
 protected:
  static constexpr absl::Duration kMs = absl::Milliseconds(1);
  static constexpr absl::Duration kMax = absl::Milliseconds(100);

  RoutePaceTest() {
    context_pace_ = &pace_;
    critical_.SetScript([](const RecordedEvent&, int) { return std::optional<absl::Status>(); });
    standard_.SetScript([](const RecordedEvent&, int) { return std::optional<absl::Status>(); });
  }
  // The router goes before what it reports to.
  ~RoutePaceTest() override {
    if (router_) router_->Stop(absl::ZeroDuration()).IgnoreError();
  }

  // Of an event of a stream of its own, so that nothing waits for what is before it.
  void AppendCritical() {
    fake::TinyLog::Draft draft{.stream = absl::StrCat("pay-", ++streams_)};
    draft.routing.criticality = Criticality::kHigh;
    draft.recorded = clock_.Now();
    signal_.Publish(log_.Append(std::move(draft)));
  }
  absl::Duration Wait(bool critical = true) {
    RecordedEvent event;
    event.stream = "pay-0";
    event.type = "tested";
    if (critical) event.routing.criticality = Criticality::kHigh;
    return pace_.WaitFor(event);
  }
  // A sink that had the first event for a moment and then takes no other for `time`.
  void LagBy(absl::Duration time) {
    AppendCritical();
    AppendCritical();
    executor_.RunAll();
    ASSERT_TRUE(critical_.ReleaseOne(absl::OkStatus()));
    Pass(time);
  }
  void ChangeCritical(RouteChange change) { Change({.change = change, .name = "critical"}); }

  AppendPace pace_{clock_, metrics_, {.wait_max = kMax}};
  int streams_ = 0;
};

TEST_F(RoutePaceTest, ASinkThatKeepsUpMakesNobodyWait) {
  Start();
  LagBy(50 * kMs);
  EXPECT_FALSE(pace_.active());
}

TEST_F(RoutePaceTest, ASlowSinkMakesItsEventsWaitUntilItCatchesUp) {
  Start();
  ASSERT_NO_FATAL_FAILURE(LagBy(400 * kMs));
  EXPECT_EQ(Wait(), kMax);
  EXPECT_EQ(Wait(/*critical=*/false), absl::ZeroDuration());
  EXPECT_EQ(metrics_.Value("nexus_append_pace_seconds{route=critical}"), 0.1);
  ASSERT_TRUE(critical_.ReleaseOne(absl::OkStatus()));
  Pass(50 * kMs);
  EXPECT_FALSE(pace_.active());
}

TEST_F(RoutePaceTest, ALagThatGrowsMakesThemWaitLonger) {
  Start();
  ASSERT_NO_FATAL_FAILURE(LagBy(200 * kMs));
  const absl::Duration before = Wait();
  EXPECT_GT(before, absl::ZeroDuration());
  Pass(50 * kMs);
  EXPECT_GT(Wait(), before);
}

TEST_F(RoutePaceTest, WhatIsAcknowledgedLateMakesTheNextWaitToo) {
  Start();
  ASSERT_NO_FATAL_FAILURE(LagBy(400 * kMs));
  AppendCritical();
  executor_.RunAll();
  ASSERT_TRUE(critical_.ReleaseOne(absl::OkStatus()));
  Pass(50 * kMs);
  EXPECT_EQ(Wait(), kMax);
}

TEST_F(RoutePaceTest, NobodyWaitsForABrokerThatIsAway) {
  Start();
  ASSERT_NO_FATAL_FAILURE(LagBy(400 * kMs));
  AppendCritical();
  executor_.RunAll();
  ASSERT_TRUE(critical_.ReleaseOne(absl::OkStatus()));
  Pass(50 * kMs);
  ASSERT_TRUE(pace_.active());
  ASSERT_TRUE(critical_.ReleaseOne(fake::ScriptedSink::MakeUnavailable()));
  Pass(50 * kMs);
  EXPECT_FALSE(pace_.active());
}

TEST_F(RoutePaceTest, NobodyWaitsForAPromiseThatIsBrokenAnyway) {
  Start();
  ASSERT_NO_FATAL_FAILURE(LagBy(absl::Seconds(2)));
  EXPECT_FALSE(pace_.active());
}

// Its stream waits, and whatever else comes through is in time.
TEST_F(RoutePaceTest, NobodyWaitsForAnEventThatIsRefused) {
  critical_.SetScript([](const RecordedEvent& e, int) -> std::optional<absl::Status> {
    if (e.position.value == 1) return fake::ScriptedSink::MakeRefusal();
    return absl::OkStatus();
  });
  Start();
  AppendCritical();
  executor_.RunAll();
  for (int i = 0; i < 8; ++i) {
    AppendCritical();
    Pass(50 * kMs);
    EXPECT_FALSE(pace_.active()) << i;
  }
  EXPECT_GT(router_->Status().at("critical").sink.lag, 250 * kMs);
}

TEST_F(RoutePaceTest, NobodyWaitsForAnEventThatIsTakenInTheEnd) {
  critical_.SetScript([](const RecordedEvent& e, int attempt) -> std::optional<absl::Status> {
    if (e.position.value == 1 && attempt <= 3) return fake::ScriptedSink::MakeRefusal();
    if (e.position.value == 2) return std::nullopt;  // so that the route is never done
    return absl::OkStatus();
  });
  Start();
  AppendCritical();
  AppendCritical();
  executor_.RunAll();
  absl::Duration age;
  while (critical_.attempts(1) < 4) {
    AppendCritical();
    Pass(50 * kMs);
    age += 50 * kMs;
    EXPECT_FALSE(pace_.active()) << age;
  }
  AppendCritical();
  Pass(50 * kMs);
  EXPECT_FALSE(pace_.active());
  EXPECT_GT(age, kCriticalPromise / 2);
  EXPECT_LT(age, kCriticalPromise * kReach);
}

TEST_F(RoutePaceTest, NobodyWaitsForARouteThatIsPaused) {
  Start();
  ASSERT_NO_FATAL_FAILURE(LagBy(400 * kMs));
  ASSERT_TRUE(pace_.active());
  ChangeCritical(RouteChange::kPaused);
  EXPECT_FALSE(pace_.active());
  EXPECT_EQ(metrics_.Value("nexus_append_pace_seconds{route=critical}"), 0);
}

TEST_F(RoutePaceTest, NobodyWaitsForARouteThatIsRemoved) {
  critical_route_.name = "";  // of the configuration none can be removed
  Start();
  RouteDeclaration declared = critical_route_;
  declared.name = "pay";
  declared.match.path = PathMatch::kAny;
  Declare(declared);
  ASSERT_NO_FATAL_FAILURE(LagBy(400 * kMs));
  ASSERT_TRUE(pace_.active());
  Change({.change = RouteChange::kRemoved, .name = "pay"});
  EXPECT_FALSE(pace_.active());
}

TEST_F(RoutePaceTest, NobodyWaitsForWhatIsDeliveredAgain) {
  critical_.SetScript({});
  Start();
  AppendCritical();
  AppendCritical();
  executor_.RunAll();
  ASSERT_EQ(critical_.accepted().size(), 2u);
  critical_.SetScript([](const RecordedEvent&, int) { return std::optional<absl::Status>(); });
  RouteEvent replay{.change = RouteChange::kReplayStarted, .name = "critical"};
  replay.from = Position(1);
  replay.to = Position(2);
  Change(std::move(replay));
  ASSERT_EQ(critical_.waiting().size(), 2u);
  ASSERT_TRUE(critical_.ReleaseOne(absl::OkStatus()));
  Pass(400 * kMs);
  EXPECT_FALSE(pace_.active());
}

}  // namespace
}  // namespace nexus::route
