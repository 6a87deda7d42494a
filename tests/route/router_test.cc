#include "route/router.h"

#include "route/router_fixture.h"

namespace nexus::route {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(RouterTest, SendsEachEventToTheSinkOfItsPath) {
  Append("order-1", true);
  Append("order-2");
  Start();
  Append("order-1");
  Append("order-2", true);
  executor_.RunAll();
  EXPECT_THAT(critical_.accepted(), ElementsAre(1, 4));
  EXPECT_THAT(standard_.accepted(), ElementsAre(2, 3));
}

TEST_F(RouterTest, LeavesSystemStreamsOut) {
  Append("$schemas", true);
  Append("$dead-letters");
  Append("order-1");
  Start();
  EXPECT_THAT(critical_.accepted(), IsEmpty());
  EXPECT_THAT(standard_.accepted(), ElementsAre(3));
  EXPECT_EQ(router_->Status().at("critical").sink.checkpoint, Position(3));
}

TEST_F(RouterTest, OneRouteMayTakeAll) {
  critical_route_.name.clear();
  standard_route_.match.path = PathMatch::kAny;
  Append("order-1", true);
  Append("order-2");
  Start();
  EXPECT_THAT(standard_.accepted(), ElementsAre(1, 2));
  EXPECT_THAT(router_->Status(), SizeIs(1));
}

TEST_F(RouterTest, KeepsOneCheckpointARoute) {
  standard_.SetScript([](const RecordedEvent&, int) { return std::nullopt; });
  Append("order-1", true);
  Append("order-2");
  Append("order-1", true);
  Start();
  Pass(absl::Seconds(1));
  EXPECT_EQ(checkpoints_.SavedFor("route/critical"), 3u);
  EXPECT_EQ(checkpoints_.SavedFor("route/standard"), 1u);
}

TEST_F(RouterTest, NeverSavesACheckpointBeyondWhatIsNotAcknowledged) {
  standard_.SetScript([](const RecordedEvent& e, int) -> std::optional<absl::Status> {
    if (e.position.value == 2) return std::nullopt;
    return absl::OkStatus();
  });
  for (int i = 0; i < 5; ++i) Append(absl::StrCat("order-", i));
  Start();
  Pass(absl::Seconds(5));
  EXPECT_EQ(checkpoints_.SavedFor("route/standard"), 1u);
  standard_.ReleaseOne(absl::OkStatus());
  Pass(absl::Seconds(5));
  EXPECT_EQ(checkpoints_.SavedFor("route/standard"), 5u);
}

TEST_F(RouterTest, DeliversAgainAfterARestartWhatWasNotAcknowledged) {
  standard_.SetScript([](const RecordedEvent& e, int attempt) -> std::optional<absl::Status> {
    if (e.position.value == 3 && attempt == 1) return std::nullopt;
    return absl::OkStatus();
  });
  for (int i = 0; i < 4; ++i) Append(absl::StrCat("order-", i));
  Start();
  EXPECT_FALSE(router_->Stop(absl::Seconds(1)).ok());
  EXPECT_EQ(checkpoints_.SavedFor("route/standard"), 2u);
  Start();
  EXPECT_THAT(standard_.accepted(), ElementsAre(1, 2, 4, 3, 4));
}

TEST_F(RouterTest, SavesTheCheckpointWhenItStops) {
  Append("order-1");
  Start();
  EXPECT_EQ(checkpoints_.SavedFor("route/standard"), 0u);
  EXPECT_TRUE(router_->Stop(absl::Seconds(1)).ok());
  EXPECT_EQ(checkpoints_.SavedFor("route/standard"), 1u);
}

TEST_F(RouterTest, DeliversNothingAfterStop) {
  Start();
  router_->Stop(absl::Seconds(1)).IgnoreError();
  Append("order-1");
  Pass(absl::Seconds(5));
  EXPECT_THAT(standard_.accepted(), IsEmpty());
}

// A log that was restored to an earlier state holds other events at these positions.

TEST_F(RouterTest, RefusesACheckpointBeyondTheHead) {
  ASSERT_TRUE(checkpoints_.Save("route/standard", Position(5)).ok());
  Append("order-1");
  Open();
  EXPECT_EQ(ReasonOf(router_->Start()), ErrorReason::kPositionBeyondHead);
}

TEST_F(RouterTest, StopsReadingAtTheBound) {
  standard_route_.bounds.pending_events = 3;
  options_.delivery.page.events_max = 2;
  standard_.SetScript([](const RecordedEvent&, int) { return std::nullopt; });
  for (int i = 0; i < 20; ++i) Append(absl::StrCat("order-", i));
  Start();
  EXPECT_THAT(standard_.waiting(), ElementsAre(1, 2, 3));
  EXPECT_EQ(Standard().pending, 3u);
  while (standard_.ReleaseOne(absl::OkStatus())) executor_.RunAll();
  EXPECT_THAT(standard_.accepted(), SizeIs(20));
}

TEST_F(RouterTest, StopsReadingAtTheBoundOfBytes) {
  standard_route_.bounds.pending_bytes = 1;
  options_.delivery.page.events_max = 2;
  standard_.SetScript([](const RecordedEvent&, int) { return std::nullopt; });
  for (int i = 0; i < 20; ++i) Append(absl::StrCat("order-", i));
  Start();
  EXPECT_THAT(standard_.waiting(), ElementsAre(1, 2));
  while (standard_.ReleaseOne(absl::OkStatus())) executor_.RunAll();
  EXPECT_THAT(standard_.accepted(), SizeIs(20));
}

TEST_F(RouterTest, AnOutageBurnsNoAttemptAndLosesNothing) {
  bool away = true;
  standard_.SetScript([&](const RecordedEvent&, int) -> std::optional<absl::Status> {
    return away ? fake::ScriptedSink::MakeUnavailable() : absl::OkStatus();
  });
  for (int i = 0; i < 5; ++i) Append("order-1");
  Start();
  EXPECT_EQ(Standard().breaker, Breaker::State::kOpen);
  Pass(absl::Minutes(10));
  EXPECT_THAT(written_letters_.letters(), IsEmpty());
  EXPECT_GE(standard_.attempts(1), 600);
  EXPECT_EQ(standard_.attempts(2), 0) << "only the probe goes";
  away = false;
  Pass(absl::Seconds(2));
  EXPECT_THAT(standard_.accepted(), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(Standard().breaker, Breaker::State::kClosed);
  EXPECT_TRUE(Standard().last_error.ok());
}

TEST_F(RouterTest, GoesOnFromTheFailedEventInOrderAfterAnOutage) {
  standard_.SetScript([](const RecordedEvent&, int) { return std::nullopt; });
  for (int i = 0; i < 4; ++i) Append("order-1");
  Start();
  standard_.ReleaseOne(absl::OkStatus());
  while (standard_.ReleaseOne(fake::ScriptedSink::MakeUnavailable())) {
  }
  standard_.SetScript({});
  Pass(absl::Seconds(2));
  EXPECT_THAT(standard_.accepted(), ElementsAre(1, 2, 3, 4));
}

TEST_F(RouterTest, AnOutageOfOneSinkDoesNotTouchTheOther) {
  critical_.SetScript(
      [](const RecordedEvent&, int) { return fake::ScriptedSink::MakeUnavailable(); });
  Append("order-1", true);
  Append("order-1");
  Start();
  EXPECT_THAT(standard_.accepted(), ElementsAre(2));
}

TEST_F(RouterTest, APoisonEventParksItsStreamOnly) {
  RefusePosition(1);
  Append("order-1");
  Append("order-2");
  Append("order-1");
  Start();
  Pass(absl::Minutes(1));
  EXPECT_THAT(standard_.accepted(), ElementsAre(2));
  EXPECT_EQ(standard_.attempts(1), 5);
  ASSERT_THAT(written_letters_.letters(), SizeIs(1)) << "what follows is in the log";
  EXPECT_EQ(written_letters_.letters()[0].position, 1u);
  EXPECT_EQ(written_letters_.letters()[0].attempts, 5u);
  EXPECT_EQ(written_letters_.letters()[0].error, "too large");
  EXPECT_EQ(written_letters_.letters()[0].fate, LetterFate::kParked);
  EXPECT_EQ(Standard().checkpoint, Position(3));
  EXPECT_EQ(Standard().parked_lanes, 1u);
}

// It never reaches a broker, whatever else the sink would take.

TEST_F(RouterTest, AParkedStreamStaysParkedAfterARestart) {
  RefusePosition(1);
  Append("order-1");
  Start();
  Pass(absl::Minutes(1));
  router_->Stop(absl::Seconds(1)).IgnoreError();
  Append("order-1");
  Start();
  EXPECT_THAT(standard_.accepted(), IsEmpty());
  EXPECT_THAT(written_letters_.letters(), SizeIs(1));
  EXPECT_EQ(Standard().checkpoint, Position(2));
}

TEST_F(RouterTest, DoesNotPassAnEventWhoseDeadLetterIsNotWritten) {
  written_letters_.FailWith(MakeError(ErrorReason::kDiskFull, "full"));
  standard_.SetScript([](const RecordedEvent&, int) { return fake::ScriptedSink::MakeRefusal(); });
  Append("order-1");
  Start();
  Pass(absl::Minutes(1));
  EXPECT_EQ(Standard().checkpoint, Position(0));
  EXPECT_EQ(ReasonOf(Standard().last_error), ErrorReason::kDiskFull);
  written_letters_.FailWith(absl::OkStatus());
  Pass(absl::Seconds(2));
  EXPECT_EQ(Standard().checkpoint, Position(1));
}

TEST_F(RouterTest, WithoutADeadLetterWriterAStreamStaysBlockedAndVisible) {
  letters_ = nullptr;
  standard_.SetScript([](const RecordedEvent& e, int) -> std::optional<absl::Status> {
    if (e.stream == "order-1") return fake::ScriptedSink::MakeRefusal();
    return absl::OkStatus();
  });
  Append("order-1");
  Append("order-2");
  Start();
  Pass(absl::Minutes(1));
  EXPECT_GT(standard_.attempts(1), 10);
  EXPECT_EQ(Standard().blocked_lanes, 1u);
  EXPECT_EQ(Standard().checkpoint, Position(0));
  EXPECT_THAT(standard_.accepted(), ElementsAre(2));
}

TEST_F(RouterTest, AReadErrorIsShownAndTriedAgain) {
  critical_route_.name.clear();
  log_.FailNextRead(MakeError(ErrorReason::kDataLoss, "hole"));
  Append("order-1");
  Start();
  // The follower looks twice at a hole, so one bad read is not seen here.
  EXPECT_THAT(standard_.accepted(), ElementsAre(1));
  log_.FailNextRead(MakeError(ErrorReason::kOverloaded, "busy"));
  Append("order-1");
  executor_.RunAll();
  EXPECT_EQ(ReasonOf(Standard().last_error), ErrorReason::kOverloaded);
  Pass(absl::Seconds(2));
  EXPECT_THAT(standard_.accepted(), ElementsAre(1, 2));
}

TEST_F(RouterTest, ShowsWhereEachSinkStands) {
  standard_.SetScript([](const RecordedEvent& e, int) -> std::optional<absl::Status> {
    if (e.position.value >= 2) return std::nullopt;
    return absl::OkStatus();
  });
  clock_.SetNow(Timestamp{1'700'000'000'000'001 + 3'000'000});
  for (int i = 0; i < 3; ++i) Append("order-1");
  Start();
  const SinkStatus status = Standard();
  EXPECT_EQ(status.sink, "files");
  EXPECT_EQ(status.route, "standard");
  EXPECT_EQ(status.checkpoint, Position(1));
  EXPECT_EQ(status.head, Position(3));
  EXPECT_EQ(status.lag_events, 2u);
  EXPECT_EQ(status.lag, absl::Seconds(3));
  EXPECT_EQ(status.delivered, 1u);
  EXPECT_EQ(status.in_flight, 2u);
  EXPECT_EQ(status.pending, 2u);
  EXPECT_TRUE(status.health.ok());
}

TEST_F(RouterTest, CountsWhatItDoes) {
  standard_.SetScript([](const RecordedEvent&, int attempt) -> std::optional<absl::Status> {
    return attempt == 1 ? fake::ScriptedSink::MakeUnavailable() : absl::OkStatus();
  });
  Append("order-1");
  Start();
  Pass(absl::Seconds(2));
  EXPECT_EQ(metrics_.Value("nexus_route_delivered_total{route=standard,sink=files}"), 1);
  EXPECT_EQ(metrics_.Value("nexus_route_failed_total{route=standard,sink=files,class=unavailable}"),
            1);
  EXPECT_EQ(metrics_.Value("nexus_route_retried_total{route=standard,sink=files}"), 1);
  EXPECT_EQ(metrics_.Value("nexus_route_breaker_state{route=standard,sink=files}"), 0);
  EXPECT_EQ(metrics_.Value("nexus_route_lag_events{route=standard,sink=files}"), 0);
  EXPECT_EQ(metrics_.Value("nexus_route_propagation_seconds{path=standard}"), 1);
}

// A sink that never answers is when the figure matters.

TEST_F(RouterTest, TheLagGrowsWhileASinkIsSilent) {
  standard_.SetScript([](const RecordedEvent&, int) { return std::nullopt; });
  clock_.SetNow(Timestamp{1'700'000'000'000'000});
  Append("order-1");
  Start();
  for (int i = 0; i < 30; ++i) Pass(absl::Seconds(1));
  EXPECT_GE(metrics_.Value("nexus_route_lag_seconds{route=standard,sink=files}"), 29);
}

TEST_F(RouterTest, IsQuietWhenNothingIsPending) {
  Append("order-1");
  Start();
  Pass(absl::Seconds(5));
  const int saves = checkpoints_.saves();
  Pass(absl::Hours(1));
  EXPECT_EQ(checkpoints_.saves(), saves);
}

}  // namespace
}  // namespace nexus::route
