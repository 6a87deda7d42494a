#include "absl/strings/str_cat.h"
#include "contract/event_log_contract.h"

namespace nexus::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto Any = ExpectedRevision::Any;
constexpr auto NoStream = ExpectedRevision::NoStream;
constexpr auto Exists = ExpectedRevision::StreamExists;
constexpr auto Exactly = ExpectedRevision::Exactly;

TEST_P(EventLogContract, NumbersPositionsFromOneAndRevisionsFromZero) {
  const auto first = Propose(CommitOf(1).Event("a", "x").Event("a", "y"));
  const auto second = Propose(CommitOf(2).Event("b", "z").Event("a", "w"));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->first, Position(1));
  EXPECT_EQ(first->last, Position(2));
  EXPECT_EQ(second->first, Position(3));
  EXPECT_EQ(second->last, Position(4));
  EXPECT_THAT(All(), ElementsAre("1 a@0 x", "2 a@1 y", "3 b@0 z", "4 a@2 w"));
}

TEST_P(EventLogContract, AnswersWithEachStreamsRevisionsInTheOrderOfTheCommit) {
  ASSERT_TRUE(Propose(CommitOf(1).Events("b", 3)).ok());
  const auto receipt =
      Propose(CommitOf(2).Stream("c", NoStream()).Event("a", "1").Event("b", "2").Event("b", "3"));
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_FALSE(receipt->repeated);
  EXPECT_THAT(receipt->streams,
              ElementsAre(StreamOutcome{StreamName::Literal("c"), {}, {}, 0},
                          StreamOutcome{StreamName::Literal("a"), Revision(0), Revision(0), 1},
                          StreamOutcome{StreamName::Literal("b"), Revision(3), Revision(4), 2}));
}

struct Expectation {
  ExpectedRevision expected;
  bool on_missing;
  bool on_two_events;
};

TEST_P(EventLogContract, HoldsEveryKindOfExpectation) {
  uint64_t id = 100;
  for (const Expectation& e : {Expectation{Any(), true, true},
                               {NoStream(), true, false},
                               {Exists(), false, true},
                               {Exactly(0), false, false},
                               {Exactly(1), false, true},
                               {Exactly(2), false, false},
                               {Exactly(UINT64_MAX), false, false}}) {
    const std::string there = absl::StrCat("there-", id);
    const std::string missing = absl::StrCat("missing-", id);
    ASSERT_TRUE(Propose(CommitOf(++id).Events(there, 2)).ok());
    const auto wanted = [](bool ok) {
      return ok ? ErrorReason::kUnspecified : ErrorReason::kRevisionConflict;
    };
    EXPECT_EQ(ReasonFor(CommitOf(++id).Stream(there, e.expected).Event(there, "x")),
              wanted(e.on_two_events))
        << e.expected.ToString();
    EXPECT_EQ(ReasonFor(CommitOf(++id).Stream(missing, e.expected).Event(missing, "x")),
              wanted(e.on_missing))
        << e.expected.ToString();
  }
}

TEST_P(EventLogContract, ListsEveryFailedExpectationWithTheActualRevision) {
  ASSERT_TRUE(Propose(CommitOf(1).Events("a", 2).Event("b", "x")).ok());
  const auto refused = Propose(CommitOf(2)
                                   .Stream("a", Exactly(0))
                                   .Stream("b", Exactly(0))
                                   .Stream("c", Exists())
                                   .Stream("b2", Any())
                                   .Event("a", "y")
                                   .Event("c", "z"));
  ASSERT_EQ(ReasonOf(refused.status()), ErrorReason::kRevisionConflict);
  const auto failed = DetailsOf(refused.status()).failed_expectations;
  ASSERT_THAT(failed, SizeIs(2));
  EXPECT_EQ(failed[0].stream, "a");
  EXPECT_EQ(failed[0].expected, Exactly(0));
  EXPECT_EQ(failed[0].actual, Revision(1));
  EXPECT_EQ(failed[1].stream, "c");
  EXPECT_EQ(failed[1].actual, std::nullopt);
}

TEST_P(EventLogContract, WritesNothingOfACommitThatFailsInOneStream) {
  ASSERT_TRUE(Propose(CommitOf(1).Event("a", "x")).ok());
  EXPECT_FALSE(Propose(CommitOf(2).Event("b", "y").Stream("a", NoStream()).Event("a", "z")).ok());
  EXPECT_THAT(All(), ElementsAre("1 a@0 x"));
  EXPECT_EQ(ReasonOf(reader().GetStream(StreamName::Literal("b")).status()),
            ErrorReason::kStreamNotFound);
}

TEST_P(EventLogContract, KeepsTheInterleavedOrderOfSeveralStreams) {
  ASSERT_TRUE(
      Propose(CommitOf(1).Event("a", "1").Event("b", "2").Event("a", "3").Event("b", "4")).ok());
  EXPECT_THAT(All(), ElementsAre("1 a@0 1", "2 b@0 2", "3 a@1 3", "4 b@1 4"));
  EXPECT_THAT(InStream("a"), ElementsAre("1 a@0 1", "3 a@1 3"));
  EXPECT_THAT(InStream("b"), ElementsAre("2 b@0 2", "4 b@1 4"));
}

TEST_P(EventLogContract, ChecksAStreamWithoutWritingToIt) {
  ASSERT_TRUE(Propose(CommitOf(1).Event("a", "x")).ok());
  EXPECT_TRUE(Propose(CommitOf(2).Stream("a", Exactly(0)).Event("b", "y")).ok());
  EXPECT_EQ(ReasonFor(CommitOf(3).Stream("a", Exactly(1)).Event("b", "z")),
            ErrorReason::kRevisionConflict);
  EXPECT_THAT(InStream("a"), ElementsAre("1 a@0 x"));
}

TEST_P(EventLogContract, RepeatsTheFirstAnswerForAKnownId) {
  const Commit commit = CommitOf(1).Stream("a", NoStream()).Event("a", "x").Event("b", "y");
  const auto first = Propose(commit);
  ASSERT_TRUE(Propose(CommitOf(2).Event("a", "z")).ok());
  const auto again = Propose(commit);
  ASSERT_TRUE(first.ok() && again.ok()) << again.status();
  EXPECT_FALSE(first->repeated);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->first, first->first);
  EXPECT_EQ(again->last, first->last);
  EXPECT_EQ(again->recorded, first->recorded);
  EXPECT_EQ(again->streams, first->streams);
  EXPECT_EQ(reader().Head(), Position(3));
}

TEST_P(EventLogContract, RepeatsEvenIfExpectationsAndStampDiffer) {
  Commit commit = CommitOf(1).Stream("a", NoStream()).Event("a", "x");
  ASSERT_TRUE(Propose(commit).ok());
  commit.streams[0].expected = Exactly(17);
  commit.stamp.policy_revision = "another";
  commit.events[0].event.schema_version = 9;
  commit.events[0].event.traceparent = "another";
  EXPECT_TRUE(Propose(commit)->repeated);
}

TEST_P(EventLogContract, RefusesOtherContentUnderAKnownId) {
  ASSERT_TRUE(Propose(CommitOf(1).Event("a", "x")).ok());
  EXPECT_EQ(ReasonFor(CommitOf(1).Event("a", "y")), ErrorReason::kIdReused);
  EXPECT_EQ(ReasonFor(CommitOf(1).Event("b", "x")), ErrorReason::kIdReused);
  EXPECT_EQ(ReasonFor(CommitOf(1).Event("a", "x").Event("a", "x")), ErrorReason::kIdReused);
  EXPECT_EQ(reader().Head(), Position(1));
}

TEST_P(EventLogContract, DoesNotRememberARefusal) {
  ASSERT_TRUE(Propose(CommitOf(1).Event("a", "x")).ok());
  const Commit commit = CommitOf(2).Stream("a", Exactly(1)).Event("a", "z");
  EXPECT_EQ(ReasonFor(commit), ErrorReason::kRevisionConflict);
  ASSERT_TRUE(Propose(CommitOf(3).Event("a", "y")).ok());
  const auto accepted = Propose(commit);
  ASSERT_TRUE(accepted.ok());
  EXPECT_FALSE(accepted->repeated);
}

TEST_P(EventLogContract, ScopesCommitIdsAndStreamsToTheirTenant) {
  ASSERT_TRUE(Propose(CommitOf(1).Event("a", "x")).ok());
  const auto other = Propose(CommitOf(1).Tenant(7).Stream("a", NoStream()).Event("a", "y"));
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(other->first, Position(2));
  EXPECT_THAT(InStream("a"), ElementsAre("1 a@0 x"));
}

TEST_P(EventLogContract, FindsAnAcceptedCommitAndOnlyThat) {
  const Commit commit = CommitOf(1).Event("a", "x");
  EXPECT_EQ(log().FindCommit(commit)->has_value(), false);
  ASSERT_TRUE(Propose(commit).ok());
  const auto found = log().FindCommit(commit);
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_TRUE((*found)->repeated);
  EXPECT_EQ((*found)->last, Position(1));
  EXPECT_EQ(ReasonOf(log().FindCommit(CommitOf(1).Event("a", "y")).status()),
            ErrorReason::kIdReused);
  EXPECT_EQ(log().FindCommit(CommitOf(2).Event("a", "x"))->has_value(), false);
}

TEST_P(EventLogContract, NeverLetsRecordedTimeRunBackwards) {
  EXPECT_EQ(Propose(CommitOf(1).Event("a", "x").At(500))->recorded.micros, 500);
  EXPECT_EQ(Propose(CommitOf(2).Event("a", "y").At(300))->recorded.micros, 500);
  EXPECT_EQ(Propose(CommitOf(3).Event("a", "z").At(501))->recorded.micros, 501);
  const auto info = reader().GetStream(StreamName::Literal("a"));
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->created.micros, 500);
  EXPECT_EQ(info->updated.micros, 501);
}

TEST_P(EventLogContract, StoresACommitOfTenThousandEvents) {
  CommitOf commit(1);
  for (size_t i = 0; i < 10'000; ++i) commit.Event(absl::StrCat("s-", i % 1'000), "d");
  const auto receipt = Propose(commit);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(receipt->last, Position(10'000));
  EXPECT_THAT(All(), SizeIs(10'000));
  EXPECT_THAT(InStream("s-999"), SizeIs(10));
}

TEST_P(EventLogContract, StoresEventsOfAMegabyte) {
  const std::string large(1 << 20, 'x');
  ASSERT_TRUE(Propose(CommitOf(1).Event("a", large).Event("a", large)).ok());
  const auto page = reader().ReadAll(Position(1), Direction::kForward, PageLimits());
  ASSERT_TRUE(page.ok());
  ASSERT_THAT(page->events, SizeIs(1));
  EXPECT_EQ(page->events[0].data, large);
  EXPECT_FALSE(page->end);
}

TEST_P(EventLogContract, RefusesWhatComesAfterDraining) {
  ASSERT_TRUE(Propose(CommitOf(1).Event("a", "x")).ok());
  EXPECT_TRUE(log().Health().ok()) << log().Health();
  log().Drain();
  EXPECT_EQ(ReasonFor(CommitOf(2).Event("a", "y")), ErrorReason::kDraining);
  EXPECT_EQ(ReasonOf(log().Health()), ErrorReason::kDraining);
  EXPECT_THAT(All(), ElementsAre("1 a@0 x"));
}

TEST_P(EventLogContract, KeepsEveryFieldOfAnEvent) {
  Commit commit = CommitOf(1).Event("order-1", std::string("\0\xff{}", 4));
  Event& event = commit.events[0].event;
  event.type = "order.placed";
  event.schema_version = 3;
  event.content_type = "application/octet-stream";
  event.tags = {"eu", "vip"};
  event.metadata = {{"k", "v"}, {"k2", ""}};
  event.routing = {Criticality::kHigh, 0.25, true, 900};
  event.correlation_id = "corr";
  event.causation_id = "cause";
  event.traceparent = "00-1-2-01";
  event.tracestate = "a=b";
  ASSERT_TRUE(Propose(commit).ok());
  const auto page = reader().ReadAll(Position(1), Direction::kForward, PageLimits());
  ASSERT_TRUE(page.ok() && page->events.size() == 1);
  const RecordedEvent& read = page->events[0];
  EXPECT_EQ(read.commit_id, commit.id);
  EXPECT_EQ(read.id, event.id);
  EXPECT_EQ(read.stream, "order-1");
  EXPECT_EQ(read.type, event.type);
  EXPECT_EQ(read.schema_version, 3u);
  EXPECT_EQ(read.content_type, event.content_type);
  EXPECT_EQ(read.data, event.data);
  EXPECT_THAT(read.tags, ElementsAre("eu", "vip"));
  EXPECT_THAT(read.metadata, ElementsAre(testing::Pair("k", "v"), testing::Pair("k2", "")));
  EXPECT_EQ(read.routing, event.routing);
  EXPECT_EQ(read.correlation_id, "corr");
  EXPECT_EQ(read.causation_id, "cause");
  EXPECT_EQ(read.traceparent, "00-1-2-01");
  EXPECT_EQ(read.tracestate, "a=b");
  EXPECT_EQ(read.principal, "alice");
  EXPECT_EQ(read.decision_id, "decision-1");
  EXPECT_EQ(read.policy_revision, "policy-1");
  EXPECT_EQ(read.governance_epoch, 3u);
}

}  // namespace
}  // namespace nexus::contract
