// Each rule of the checker finds a history that breaks it, and names the operations.

#include "history/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <functional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "history/made_history.h"

namespace nexus::history {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

CommitId Id(uint64_t n) {
  CommitId id;
  id.bytes[15] = static_cast<uint8_t>(n);
  return id;
}

Commit CommitOf(uint64_t id, const std::string& stream, int events,
                ExpectedRevision expected = ExpectedRevision::Any()) {
  Commit commit;
  commit.id = Id(id);
  commit.streams.push_back({StreamName::Literal(stream), expected});
  for (int i = 0; i < events; ++i) {
    CommitEvent entry;
    entry.event.id = DeriveEventId(commit.id, static_cast<uint32_t>(i));
    entry.event.type = "t";
    entry.event.tags = {absl::StrCat("commit-", id)};
    commit.events.push_back(entry);
  }
  return commit;
}

// Three clients in turn: 1 stores two events of "a", 2 one of "b", 3 one of "a", each after the
// answer to the one before, then 4 is refused, 5 reads and 6 has been subscribed all along.
class Rules : public ::testing::Test {
 protected:
  Rules() {
    Store(CommitOf(1, "a", 2, ExpectedRevision::NoStream()));
    Store(CommitOf(2, "b", 1));
    Store(CommitOf(3, "a", 1, ExpectedRevision::Exactly(1)));
    Refuse(CommitOf(4, "a", 1, ExpectedRevision::Exactly(1)), Revision(2));
    ReadCall read;
    read.client = 5;
    read.invoked = ++tick_;
    read.stream = "a";
    read.events = {SeenAt(1), SeenAt(2), SeenAt(4)};
    read.head = 4;
    read.complete = true;
    read.returned = ++tick_;
    history_.calls.reads.push_back(read);
    Session session;
    session.client = 6;
    session.deliveries.push_back({++tick_, 4, 2, {SeenAt(1), SeenAt(2)}});
    session.deliveries.push_back({++tick_, 4, 4, {SeenAt(3), SeenAt(4)}});
    history_.calls.sessions.push_back(session);
    EXPECT_THAT(Check(history_).ToString(), IsEmpty());
  }

  void Store(const Commit& commit) {
    AppendCall call = Begin(static_cast<uint32_t>(commit.id.bytes[15]), ++tick_, commit);
    CommitReceipt receipt;
    receipt.id = commit.id;
    receipt.first = Position(history_.log.size() + 1);
    receipt.last = Position(history_.log.size() + commit.events.size());
    const std::string stream = commit.streams[0].name.str();
    const auto before = static_cast<uint64_t>(
        std::count_if(history_.log.begin(), history_.log.end(),
                      [&](const LoggedEvent& event) { return event.stream == stream; }));
    const auto events = static_cast<uint32_t>(commit.events.size());
    receipt.streams = {
        {commit.streams[0].name, Revision(before), Revision(before + events - 1), events}};
    for (uint32_t i = 0; i < events; ++i) {
      const Event& event = commit.events[i].event;
      history_.log.push_back({history_.log.size() + 1, before + i, stream, event.id, commit.id,
                              event.type, event.tags, "", Timestamp{1}, call.events[i].digest});
    }
    Answer(call, ++tick_, receipt);
    history_.calls.appends.push_back(call);
  }

  void Refuse(const Commit& commit, std::optional<Revision> actual) {
    AppendCall call = Begin(static_cast<uint32_t>(commit.id.bytes[15]), ++tick_, commit);
    ErrorDetails details;
    details.reason = ErrorReason::kRevisionConflict;
    details.failed_expectations = {
        {commit.streams[0].name.str(), commit.streams[0].expected, actual}};
    Answer(call, ++tick_, MakeError("refused", details));
    history_.calls.appends.push_back(call);
  }

  SeenEvent SeenAt(uint64_t position) const {
    const LoggedEvent& event = history_.log[position - 1];
    return {position, event.revision, event.digest};
  }
  AppendCall& call(uint64_t id) { return history_.calls.appends[id - 1]; }
  ReadCall& read() { return history_.calls.reads[0]; }
  Session& session() { return history_.calls.sessions[0]; }

  // The lines of one rule.
  std::string FindingsOf(char rule) const {
    std::string text;
    for (const Finding& finding : Check(history_).findings) {
      if (finding.rule == rule) absl::StrAppend(&text, finding.text, "\n");
    }
    return text;
  }
  static std::string Name(uint64_t id) {
    return absl::StrCat("append ", Id(id).ToString(), " of client ", id);
  }

  Tick tick_ = 0;
  History history_;
};

TEST_F(Rules, AFindsAGapInPositions) {
  history_.log.erase(history_.log.begin() + 2);
  EXPECT_THAT(FindingsOf('a'),
              AllOf(HasSubstr("position 4 where 3 was expected"), HasSubstr(Id(3).ToString())));
}

TEST_F(Rules, AFindsAGapInRevisions) {
  history_.log[3].revision = 3;
  EXPECT_THAT(FindingsOf('a'), HasSubstr("has revision 3 of a where 2 was expected"));
}

TEST_F(Rules, AFindsTimeThatRunsBackwards) {
  history_.log[3].recorded = Timestamp{0};
  EXPECT_THAT(FindingsOf('a'), HasSubstr("time runs backwards at position 4"));
}

TEST_F(Rules, AFindsAnEventIdThatIsThereTwice) {
  history_.log[3].id = history_.log[0].id;
  EXPECT_THAT(FindingsOf('a'), HasSubstr("is in a twice"));
}

TEST_F(Rules, AFindsAPositionThatWasToldTwice) {
  call(3).receipt.first = call(3).receipt.last = Position(3);
  EXPECT_THAT(FindingsOf('a'),
              AllOf(HasSubstr(Name(2)), HasSubstr(Name(3)), HasSubstr("both told position 3")));
}

TEST_F(Rules, AFindsAReceiptWithAnotherRevision) {
  call(3).receipt.streams[0].first = Revision(1);
  EXPECT_THAT(FindingsOf('a'), AllOf(HasSubstr(Name(3)), HasSubstr("its receipt says another")));
}

TEST_F(Rules, BFindsAnOrderThatContradictsTime) {
  std::swap(call(2).invoked, call(3).invoked);
  std::swap(call(2).returned, call(3).returned);
  EXPECT_THAT(FindingsOf('b'), AllOf(HasSubstr(Name(2)), HasSubstr("was called after " + Name(3))));
}

TEST_F(Rules, CFindsAnExpectationThatDidNotHold) {
  call(3).streams[0].expected = ExpectedRevision::Exactly(0);
  EXPECT_THAT(FindingsOf('c'), AllOf(HasSubstr(Name(3)), HasSubstr("expecting a at 0"),
                                     HasSubstr("was at 1 since " + Name(1))));
}

TEST_F(Rules, CFindsAConditionThatDidNotHold) {
  AppendCondition condition;
  condition.fail_if_match.items = {{.types = {"t"}, .tags = {"commit-2"}}};
  condition.after = Position(3);
  call(3).conditions = {condition};
  EXPECT_THAT(FindingsOf('c'), IsEmpty());
  call(3).conditions[0].after = Position(2);
  EXPECT_THAT(FindingsOf('c'), AllOf(HasSubstr(Name(3)), HasSubstr("condition 0"),
                                     HasSubstr("broken by position 3 of " + Name(2))));
}

TEST_F(Rules, DFindsARefusalForARevisionOfThePast) {
  call(4).failed_expectations[0].actual = Revision(0);
  EXPECT_THAT(FindingsOf('d'), AllOf(HasSubstr(Name(4)), HasSubstr("at no moment")));
}

TEST_F(Rules, DFindsARefusalForARevisionOfTheFuture) {
  std::swap(call(3).invoked, call(4).invoked);
  std::swap(call(3).returned, call(4).returned);
  EXPECT_THAT(FindingsOf('d'), AllOf(HasSubstr(Name(4)), HasSubstr("call of " + Name(3))));
}

TEST_F(Rules, DFindsARefusalForARevisionThatNeverWas) {
  call(4).failed_expectations[0].actual = Revision(9);
  EXPECT_THAT(FindingsOf('d'), AllOf(HasSubstr(Name(4)), HasSubstr("never had 10 events")));
}

TEST_F(Rules, DFindsARefusalOfWhatHeld) {
  call(4).failed_expectations[0].actual = Revision(1);
  EXPECT_THAT(FindingsOf('d'), AllOf(HasSubstr(Name(4)), HasSubstr("as expected")));
}

TEST_F(Rules, DFindsTwoThingsThatWereNotTrueTogether) {
  call(4).streams.push_back({StreamName::Literal("b"), ExpectedRevision::Exactly(7)});
  call(4).failed_expectations.push_back({"b", ExpectedRevision::Exactly(7), std::nullopt});
  EXPECT_THAT(FindingsOf('d'), AllOf(HasSubstr(Name(4)), HasSubstr("'b' moved on at 3")));
}

TEST_F(Rules, DFindsACheckThatFailedAndIsNotListed) {
  call(4).streams.push_back({StreamName::Literal("b"), ExpectedRevision::NoStream()});
  EXPECT_THAT(FindingsOf('d'), HasSubstr(Name(4)));
}

TEST_F(Rules, DFindsAConditionThatNamesTheWrongEvent) {
  AppendCondition condition;
  condition.fail_if_match.items = {{.types = {"t"}}};
  condition.after = Position(1);
  call(4).conditions = {condition};
  call(4).failed_conditions = {{0, Position(2)}};
  EXPECT_THAT(FindingsOf('d'), IsEmpty());
  call(4).failed_conditions = {{0, Position(3)}};
  EXPECT_THAT(FindingsOf('d'), AllOf(HasSubstr(Name(4)), HasSubstr("the first match is 2")));
  call(4).failed_conditions.clear();
  EXPECT_THAT(FindingsOf('d'), AllOf(HasSubstr(Name(4)), HasSubstr("not listed")));
}

TEST_F(Rules, DFindsAnEventIdThatIsNotTaken) {
  call(4).reason = ErrorReason::kEventIdTaken;
  call(4).taken_event_ids = {{"a", history_.log[1].id, Revision(1)}};
  EXPECT_THAT(FindingsOf('d'), IsEmpty());
  call(4).taken_event_ids[0].revision = Revision(0);
  EXPECT_THAT(FindingsOf('d'), AllOf(HasSubstr(Name(4)), HasSubstr("is not at revision 0 of a")));
}

TEST_F(Rules, EFindsACommitThatIsThereTwice) {
  history_.log[3].commit = Id(1);
  EXPECT_THAT(FindingsOf('e'),
              AllOf(HasSubstr(Id(1).ToString()), HasSubstr("more than once, again at position 4")));
}

TEST_F(Rules, EFindsACommitThatWasRefusedAndIsThere) {
  call(2).outcome = Outcome::kRefused;
  call(2).reason = ErrorReason::kOverloaded;
  EXPECT_THAT(FindingsOf('e'), HasSubstr("was refused (OVERLOADED) and is there"));
}

TEST_F(Rules, EFindsACommitThatNobodySent) {
  history_.calls.appends.erase(history_.calls.appends.begin() + 1);
  EXPECT_THAT(FindingsOf('e'), AllOf(HasSubstr(Id(2).ToString()), HasSubstr("nobody sent it")));
}

TEST_F(Rules, EFindsACommitThatIsThereInPart) {
  call(3).outcome = Outcome::kUnknown;
  call(3).events.push_back({0, EventId{Id(9).bytes}, 7});
  EXPECT_THAT(FindingsOf('e'), AllOf(HasSubstr(Name(3)), HasSubstr("with 1 of its 2 events")));
}

TEST_F(Rules, EFindsARepetitionOfWhatWasNeverStored) {
  call(2).receipt.repeated = true;
  EXPECT_THAT(FindingsOf('e'), AllOf(HasSubstr(Name(2)), HasSubstr("nobody did that")));
}

TEST_F(Rules, EAllowsAnUnknownOutcomeEitherWay) {
  call(3).outcome = Outcome::kUnknown;
  AppendCall gone = Begin(9, call(3).invoked, CommitOf(9, "a", 1));
  history_.calls.appends.push_back(gone);
  EXPECT_THAT(Check(history_).ToString(), IsEmpty());
}

TEST_F(Rules, EFindsAnUnknownOutcomeThatWasThereBeforeItsCall) {
  call(3).outcome = Outcome::kUnknown;
  call(3).invoked = ++tick_;
  call(3).returned = 0;
  EXPECT_THAT(FindingsOf('e'), AllOf(HasSubstr(Name(3)), HasSubstr("was called after")));
}

TEST_F(Rules, FFindsAGapInARead) {
  read().events.erase(read().events.begin() + 1);
  EXPECT_THAT(FindingsOf('f'),
              AllOf(HasSubstr("read of 'a' from 0 on by client 5"), HasSubstr("shows 2 after 0")));
}

TEST_F(Rules, FFindsAReadThatEndsEarly) {
  read().events.pop_back();
  EXPECT_THAT(FindingsOf('f'), HasSubstr("it leaves out position 4"));
}

TEST_F(Rules, FFindsAReadThatBeginsElsewhere) {
  read().events.erase(read().events.begin());
  EXPECT_THAT(FindingsOf('f'), HasSubstr("begins at 1"));
}

TEST_F(Rules, FFindsAReadOfThePast) {
  read().events.pop_back();
  read().head = 3;
  EXPECT_THAT(FindingsOf('f'),
              AllOf(HasSubstr("client 5"), HasSubstr("it began after " + Name(3))));
}

TEST_F(Rules, FFindsAReadOfTheFuture) {
  read().returned = call(3).invoked - 1;
  read().invoked = read().returned - 1;
  EXPECT_THAT(FindingsOf('f'),
              AllOf(HasSubstr("client 5"), HasSubstr("it ended before the call of " + Name(3))));
}

TEST_F(Rules, FFindsAReadThatDidNotWaitForItsPosition) {
  read().min_position = 5;
  EXPECT_THAT(FindingsOf('f'), HasSubstr("it asked for 5"));
}

TEST_F(Rules, FFindsAStreamThatWasNotFound) {
  read().events.clear();
  read().not_found = true;
  EXPECT_THAT(FindingsOf('f'), HasSubstr("client 5"));
}

TEST_F(Rules, FChecksReadsBackwards) {
  read().direction = Direction::kBackward;
  read().from = 9;
  std::reverse(read().events.begin(), read().events.end());
  EXPECT_THAT(Check(history_).ToString(), IsEmpty());
  read().events.erase(read().events.begin());
  EXPECT_THAT(FindingsOf('f'), HasSubstr("it leaves out position 4"));
}

TEST_F(Rules, FFindsAGapInASubscription) {
  session().deliveries[1].events.erase(session().deliveries[1].events.begin());
  EXPECT_THAT(FindingsOf('f'), AllOf(HasSubstr("subscription to the whole log from 1 by client 6"),
                                     HasSubstr("goes on to 4 without 3")));
}

TEST_F(Rules, FFindsARepetitionInASubscription) {
  session().deliveries[1].events.insert(session().deliveries[1].events.begin(), SeenAt(2));
  EXPECT_THAT(FindingsOf('f'), AllOf(HasSubstr("client 6"), HasSubstr("shows or passes 2 again")));
}

TEST_F(Rules, FFindsACheckpointThatPassesAnEvent) {
  session().deliveries[0].checkpoint = 3;
  EXPECT_THAT(FindingsOf('f'), AllOf(HasSubstr("client 6"), HasSubstr("goes on to 4 without 3")));
}

TEST_F(Rules, FLetsAFilterPassOverWhatDoesNotMatch) {
  session().filter.items = {{.tags = {"commit-2"}}};
  session().deliveries[0].events.clear();
  session().deliveries[1].events.pop_back();
  EXPECT_THAT(Check(history_).ToString(), IsEmpty());
  session().deliveries[1].events.clear();
  EXPECT_THAT(FindingsOf('f'), HasSubstr("without 3"));
}

TEST_F(Rules, GFindsAnAcknowledgedCommitThatIsGone) {
  history_.log.pop_back();
  EXPECT_THAT(FindingsOf('g'),
              AllOf(HasSubstr(Name(3)), HasSubstr("was acknowledged at position 4 and is gone")));
}

TEST_F(Rules, GFindsAnEventThatWasShownAndIsGone) {
  call(3).outcome = Outcome::kUnknown;
  history_.calls.reads.clear();
  session().deliveries[0].head = 3;
  history_.log.pop_back();
  EXPECT_THAT(FindingsOf('g'),
              AllOf(HasSubstr("position 4 was shown to subscription"), HasSubstr("client 6")));
}

TEST_F(Rules, GFindsAnEventThatWasShownAsAnother) {
  session().deliveries[1].events[0].digest ^= 1;
  EXPECT_THAT(FindingsOf('g'),
              AllOf(HasSubstr("client 6"), HasSubstr("something else than " + Name(2))));
}

TEST_F(Rules, GFindsAHeadThatWasToldAndIsGone) {
  session().deliveries[1].head = 5;
  EXPECT_THAT(FindingsOf('g'), AllOf(HasSubstr("client 6"), HasSubstr("was told the head 5")));
}

TEST_F(Rules, GFindsAReadAfterACrashThatMissesWhatWasThereBefore) {
  history_.crashes = {++tick_};
  ReadCall late = read();
  late.invoked = ++tick_;
  late.returned = ++tick_;
  late.head = 3;
  late.events.pop_back();
  history_.calls.reads.push_back(late);
  EXPECT_THAT(FindingsOf('g'), HasSubstr("read of 'a'"));
}

TEST(MadeHistory, IsFoundGood) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const History history = MakeHistory({.operations = 3'000, .seed = seed});
    EXPECT_THAT(Check(history).ToString(), IsEmpty()) << "seed " << seed;
  }
}

// What real time forbids is exact to the tick: a history of clients in turn is judged by its order.
TEST(MadeHistory, IsFoundBadWhenAnyOneAnswerIsChanged) {
  const History good = MakeHistory({.operations = 400, .seed = 5});
  int changed = 0;
  for (size_t i = 0; i < good.calls.appends.size(); ++i) {
    if (good.calls.appends[i].outcome != Outcome::kStored) continue;
    History bad = good;
    CommitReceipt& receipt = bad.calls.appends[i].receipt;
    receipt.first = receipt.first.Plus(1);
    receipt.last = receipt.last.Plus(1);
    EXPECT_FALSE(Check(bad).findings.empty()) << "append " << i;
    ++changed;
  }
  EXPECT_GT(changed, 50);
}

// The cost is counted, not timed: doubling the history may double the steps, and a little more for
// the logarithm.
TEST(CheckCost, GrowsAsNLogN) {
  uint64_t before = 0;
  size_t most = 200'000;
  // Fewer under a sanitizer.
  if (const char* text = getenv("NEXUS_HISTORY_OPERATIONS"); text != nullptr) {
    ASSERT_TRUE(absl::SimpleAtoi(text, &most)) << text;
  }
  for (const size_t operations : {most / 8, most / 4, most / 2, most}) {
    const History history = MakeHistory({.operations = operations, .clients = 16, .crashes = 10});
    const Judgement judgement = Check(history);
    EXPECT_THAT(judgement.ToString(), IsEmpty());
    if (before != 0) {
      EXPECT_LT(static_cast<double>(judgement.steps) / static_cast<double>(before), 2.3)
          << operations;
    }
    before = judgement.steps;
  }
}

}  // namespace
}  // namespace nexus::history
