// Routes that come and go, rules about errors, and lanes that catch up.

#include "route/router_fixture.h"

namespace nexus::route {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(RouterTest, MayBeginAtTheEndAndRemembersWhereThatWas) {
  standard_route_.start.from = StartAt::From::kNow;
  Append("order-1");
  Start();
  router_->Stop(absl::Seconds(1)).IgnoreError();
  Append("order-2");
  Start();
  EXPECT_THAT(standard_.accepted(), ElementsAre(2));
}

TEST_F(RouterTest, AParkedStreamCatchesUpThroughItsHead) {
  RefusePosition(1);
  for (const char* stream : {"order-1", "order-2", "order-1", "order-1"}) Append(stream);
  Start();
  Pass(absl::Minutes(1));
  standard_.SetScript({});
  router_->Retry(LetterOf(1, 0, "order-1"));
  executor_.RunAll();
  Append("order-1");
  executor_.RunAll();
  EXPECT_THAT(standard_.accepted(), ElementsAre(2, 1, 3, 4, 5));
  EXPECT_THAT(written_letters_.recovered(), ElementsAre("order-1"));
  EXPECT_EQ(Standard().parked_lanes, 0u);
}

TEST_F(RouterTest, AStreamThatWasToCatchUpDoesSoAfterARestart) {
  RefusePosition(1);
  Append("order-1");
  Append("order-1");
  Start();
  Pass(absl::Minutes(1));
  router_->Stop(absl::Seconds(1)).IgnoreError();
  standard_.SetScript({});
  written_letters_.SetRetrying(true);
  Start();
  EXPECT_THAT(standard_.accepted(), ElementsAre(1, 2));
  EXPECT_THAT(written_letters_.recovered(), ElementsAre("order-1"));
}

TEST_F(RouterTest, AnEventThatItsStreamHasPassedIsSentAgainByItself) {
  standard_route_.dead_letters = DeadLetterPolicy::kSkipAhead;
  RefusePosition(1);
  Append("order-1");
  Append("order-1");
  Start();
  Pass(absl::Minutes(1));
  ASSERT_THAT(written_letters_.letters(), SizeIs(1));
  EXPECT_EQ(written_letters_.letters()[0].fate, LetterFate::kPassed);
  standard_.SetScript({});
  Letter letter = LetterOf(1, 0, "order-1");
  letter.fate = LetterFate::kPassed;
  router_->Retry(letter);
  executor_.RunAll();
  EXPECT_THAT(standard_.accepted(), ElementsAre(2, 1));
  EXPECT_THAT(written_letters_.recovered(), ElementsAre(LaneBook::LaneOfOne("order-1", {})));
}

TEST_F(RouterTest, ARuleDecidesAboutAClassOfErrors) {
  standard_route_.on_error[ErrorClass::kTooLarge] = ErrorAction::kSkip;
  standard_route_.on_error[ErrorClass::kForbidden] = ErrorAction::kPerson;
  standard_.SetScript([](const RecordedEvent& e, int) -> std::optional<absl::Status> {
    if (e.position.value == 1) return MakeError(ErrorReason::kLimitExceeded, "large");
    if (e.position.value == 2) return MakeError(ErrorReason::kAccessDenied, "no");
    return absl::OkStatus();
  });
  for (const char* stream : {"order-1", "order-2", "order-1", "order-2"}) Append(stream);
  Start();
  EXPECT_THAT(standard_.accepted(), ElementsAre(3));
  ASSERT_THAT(written_letters_.letters(), SizeIs(2));
  EXPECT_EQ(written_letters_.letters()[0].fate, LetterFate::kSkipped);
  EXPECT_EQ(written_letters_.letters()[0].error_class, ErrorClass::kTooLarge);
  EXPECT_EQ(written_letters_.letters()[1].fate, LetterFate::kParked);
  EXPECT_EQ(written_letters_.letters()[1].error_class, ErrorClass::kForbidden);
  EXPECT_EQ(standard_.attempts(2), 1);
}

// Neither a transform nor a format gives another answer the next time.
TEST_F(RouterTest, WhatCannotBeMadeAMessageIsDeadLetteredAtTheFirstAttempt) {
  standard_.SetScript([](const RecordedEvent& e, int) -> std::optional<absl::Status> {
    if (e.position.value == 1) return MakeError(ErrorReason::kSchemaViolation, "no /total");
    if (e.position.value == 2) return MakeError(ErrorReason::kSchemaNotRegistered, "no frame");
    return absl::OkStatus();
  });
  for (const char* stream : {"order-1", "order-2", "order-3"}) Append(stream);
  Start();
  EXPECT_THAT(standard_.accepted(), ElementsAre(3));
  ASSERT_THAT(written_letters_.letters(), SizeIs(2));
  for (const auto& letter : written_letters_.letters()) {
    EXPECT_EQ(letter.error_class, ErrorClass::kTransform);
    EXPECT_EQ(letter.attempts, 1u);
    EXPECT_EQ(letter.fate, LetterFate::kParked);
  }
  EXPECT_EQ(written_letters_.letters()[0].error, "no /total");
  EXPECT_EQ(standard_.attempts(1), 1);
  EXPECT_EQ(standard_.attempts(2), 1);
  EXPECT_EQ(metrics_.Value("nexus_route_failed_total{route=standard,sink=files,class=transform}"),
            2);
}

TEST_F(RouterTest, AnEventWithoutAStampIsDeadLettered) {
  check_stamp_ = [](const RecordedEvent& event) {
    if (event.stream == "order-1") return absl::FailedPreconditionError("no decision");
    return absl::OkStatus();
  };
  Append("order-1");
  Append("order-2");
  Start();
  EXPECT_THAT(standard_.accepted(), ElementsAre(2));
  EXPECT_EQ(standard_.attempts(1), 0);
  ASSERT_THAT(written_letters_.letters(), SizeIs(1));
  EXPECT_EQ(written_letters_.letters()[0].error_class, ErrorClass::kUnstamped);
  EXPECT_EQ(written_letters_.letters()[0].error, "no decision");
  EXPECT_EQ(metrics_.Value("nexus_route_unstamped_total{route=standard,sink=files}"), 1);
}

TEST_F(RouterTest, ARouteComesAndGoesWhileItRuns) {
  Append("order-1");
  Append("pay-1");
  Start();
  RouteDeclaration pay;
  pay.name = "pay";
  pay.sink.kind = "kafka";
  pay.match.categories = {"pay"};
  Declare(pay);
  EXPECT_THAT(critical_.accepted(), ElementsAre(2)) << "from the beginning, as it says";
  Append("pay-2");
  executor_.RunAll();
  EXPECT_THAT(critical_.accepted(), ElementsAre(2, 3));
  Change({.change = RouteChange::kRemoved, .name = "pay"});
  Append("pay-3");
  executor_.RunAll();
  EXPECT_THAT(critical_.accepted(), ElementsAre(2, 3));
  EXPECT_THAT(router_->Status(), SizeIs(2));
}

TEST_F(RouterTest, AChangedRouteGoesOnFromItsCheckpoint) {
  Append("order-1");
  Start();
  RouteDeclaration changed = standard_route_;
  changed.match.categories = {"order"};
  Declare(changed);
  Append("order-2");
  Append("pay-1");
  executor_.RunAll();
  EXPECT_THAT(standard_.accepted(), ElementsAre(1, 2));
  RouteEvent anew{.change = RouteChange::kDeclared, .name = "standard", .restart = true};
  anew.route = changed;
  Change(anew);
  EXPECT_THAT(standard_.accepted(), ElementsAre(1, 2, 1, 2)) << "begun anew";
}

TEST_F(RouterTest, APausedRouteWaitsAndGoesOnWhereItWas) {
  Start();
  Change({.change = RouteChange::kPaused, .name = "standard"});
  EXPECT_EQ(router_->Status().at("standard").state, RunState::kPaused);
  Append("order-1");
  executor_.RunAll();
  EXPECT_THAT(standard_.accepted(), IsEmpty());
  Change({.change = RouteChange::kResumed, .name = "standard"});
  EXPECT_THAT(standard_.accepted(), ElementsAre(1));
}

TEST_F(RouterTest, ShowsWhichRoutesRunAndNoLagOfThoseThatDoNot) {
  const auto state = [this] { return metrics_.Value("nexus_route_state{route=standard}"); };
  const auto pending = [this] {
    return metrics_.Value("nexus_route_pending_events{route=standard,sink=files}");
  };
  standard_.SetScript(
      [](const RecordedEvent&, int) -> std::optional<absl::Status> { return std::nullopt; });
  Append("order-1");
  Start();
  EXPECT_EQ(state(), 1);
  EXPECT_EQ(pending(), 1);
  Change({.change = RouteChange::kPaused, .name = "standard"});
  EXPECT_EQ(state(), 0);
  EXPECT_EQ(pending(), 0);
  no_sink_ = absl::InvalidArgumentError("no such broker");
  Change({.change = RouteChange::kResumed, .name = "standard"});
  EXPECT_EQ(state(), 2);
}

TEST_F(RouterTest, ARangeIsDeliveredAgainAndThatIsWrittenDown) {
  for (int i = 0; i < 5; ++i) Append("order-1");
  Start();
  RouteEvent replay{.change = RouteChange::kReplayStarted, .name = "standard"};
  replay.from = Position(2);
  replay.to = Position(4);
  Change(replay);
  EXPECT_THAT(standard_.accepted(), ElementsAre(1, 2, 3, 4, 5, 2, 3, 4));
  const RouteBook::SnapshotPtr now = book_->Snapshot();
  ASSERT_THAT(now->Find("standard")->replays, SizeIs(1));
  EXPECT_TRUE(now->Find("standard")->replays[0].ended);
  EXPECT_EQ(now->Find("standard")->replays[0].outcome, "3 delivered, 0 dead-lettered");
  EXPECT_THAT(router_->Status(), SizeIs(2));
}

TEST_F(RouterTest, MayBeginAtAPosition) {
  for (int i = 0; i < 3; ++i) Append("order-1");
  standard_route_.start = {StartAt::From::kPosition, Position(2), {}};
  Start();
  EXPECT_THAT(standard_.accepted(), ElementsAre(2, 3));
}

TEST_F(RouterTest, TakesOverTheCheckpointThatBoreTheNameOfTheSink) {
  ASSERT_TRUE(checkpoints_.Save("route/files", Position(2)).ok());
  for (int i = 0; i < 3; ++i) Append("order-1");
  Start();
  EXPECT_THAT(standard_.accepted(), ElementsAre(3));
  EXPECT_EQ(checkpoints_.SavedFor("route/standard"), 2u);
}

TEST_F(RouterTest, ARouteWithoutASinkFailsByItselfAndIsTriedAgain) {
  Append("order-1");
  Start();
  no_sink_ = MakeError(ErrorReason::kConfigurationInvalid, "no such property");
  RouteDeclaration other;
  other.name = "other";
  other.sink.kind = "kafka";
  Declare(other);
  EXPECT_EQ(router_->Status().at("other").state, RunState::kFailed);
  EXPECT_EQ(router_->Status().at("other").error.message(), "no such property");
  Append("order-1");
  executor_.RunAll();
  EXPECT_THAT(standard_.accepted(), ElementsAre(1, 2));
  no_sink_ = absl::OkStatus();
  Pass(absl::Seconds(6));
  EXPECT_EQ(router_->Status().at("other").state, RunState::kRunning);
  EXPECT_THAT(critical_.accepted(), ElementsAre(1, 2));
}

TEST_F(RouterTest, DoesNotStartWithoutTheSinkOfTheConfiguration) {
  no_sink_ = MakeError(ErrorReason::kConfigurationInvalid, "no such property");
  Open();
  EXPECT_EQ(ReasonOf(router_->Start()), ErrorReason::kConfigurationInvalid);
}

}  // namespace
}  // namespace nexus::route
