#include "log/apply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "nexus/core/errors.h"

namespace nexus::log {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// State that a test writes down.
class FixedState : public LogState {
 public:
  absl::StatusOr<std::optional<StreamHead>> FindStream(uint32_t tenant,
                                                       absl::string_view name) override {
    ++look_ups;
    if (!fault.ok()) return fault;
    const auto it = streams.find({tenant, std::string(name)});
    if (it == streams.end()) return std::optional<StreamHead>();
    return std::optional<StreamHead>(it->second);
  }
  absl::StatusOr<std::optional<StoredCommit>> FindCommit(uint32_t tenant,
                                                         const CommitId& id) override {
    const auto it = commits.find({tenant, id});
    if (it == commits.end()) return std::optional<StoredCommit>();
    return std::optional<StoredCommit>(it->second);
  }

  absl::StatusOr<std::optional<Revision>> FindEvent(const StreamPlace& stream,
                                                    const EventId& id) override {
    ++event_look_ups;
    const auto it = events.find({std::string(stream.name), id});
    if (it == events.end()) return std::optional<Revision>();
    return std::optional<Revision>(it->second);
  }
  absl::StatusOr<StoredCommit> CommitOf(const StreamPlace&, Revision) override { return holder; }
  absl::StatusOr<std::optional<Position>> FirstMatch(uint32_t, const EventFilter&,
                                                     Position after) override {
    asked_after = after;
    return match;
  }

  std::map<std::pair<std::string, EventId>, Revision> events;
  StoredCommit holder;  // of whatever event is asked for
  std::optional<Position> match;
  std::optional<Position> asked_after;
  int event_look_ups = 0;
  std::map<std::pair<uint32_t, std::string>, StreamHead> streams;
  std::map<std::pair<uint32_t, CommitId>, StoredCommit> commits;
  absl::Status fault;
  int look_ups = 0;
};

Commit Make(uint8_t id, std::vector<CommitStream> streams, std::vector<uint32_t> events) {
  Commit commit;
  commit.id.bytes[15] = id;
  commit.proposed = Timestamp{100};
  commit.streams = std::move(streams);
  for (const uint32_t stream : events) {
    CommitEvent event;
    event.stream_index = stream;
    event.event.id = DeriveEventId(commit.id, static_cast<uint32_t>(commit.events.size()));
    commit.events.push_back(event);
  }
  return commit;
}

CommitStream On(const std::string& name, ExpectedRevision expected = ExpectedRevision::Any()) {
  return {StreamName::Literal(name), expected};
}

AppliedGroup ApplyAll(FixedState& state, const std::vector<Commit>& group, LogTip tip = {}) {
  std::vector<CommitTraits> traits;
  std::vector<Candidate> candidates;
  traits.reserve(group.size());
  for (const Commit& commit : group) {
    candidates.push_back({&commit, &traits.emplace_back(commit)});
  }
  return Apply(tip, state, candidates);
}

EventId Id(uint8_t number) {
  EventId id;
  id.bytes[0] = number;
  return id;
}

// Five events whose ids ascend.
const StreamHead kHeadOfA{Revision(4), Position(2), Position(9), Timestamp{50}, Timestamp{60}, 5};

TEST(Apply, AnswersNothingForAnEmptyGroup) {
  FixedState state;
  const LogTip tip{Position(7), Timestamp{8}};
  const AppliedGroup applied = ApplyAll(state, {}, tip);
  EXPECT_THAT(applied.verdicts, IsEmpty());
  EXPECT_EQ(applied.tip, tip);
}

TEST(Apply, ContinuesWhereTheLogEnds) {
  FixedState state;
  state.streams[{0, "a"}] = kHeadOfA;
  const AppliedGroup applied =
      ApplyAll(state, {Make(1, {On("a"), On("b")}, {0, 1, 0})}, {Position(10), Timestamp{90}});
  ASSERT_TRUE(applied.verdicts[0].ok());
  const CommitReceipt& receipt = *applied.verdicts[0];
  EXPECT_EQ(receipt.first, Position(11));
  EXPECT_EQ(receipt.last, Position(13));
  EXPECT_EQ(receipt.recorded, Timestamp{100});
  EXPECT_EQ(receipt.streams[0].first, Revision(5));
  EXPECT_EQ(receipt.streams[0].last, Revision(6));
  EXPECT_EQ(receipt.streams[1].first, Revision(0));
  EXPECT_THAT(applied.accepted[0].stream_numbers, ElementsAre(Position(2), Position(12)));
  EXPECT_EQ(applied.tip, (LogTip{Position(13), Timestamp{100}}));
  ASSERT_THAT(applied.moved, SizeIs(2));
  const EventId third = DeriveEventId(Make(1, {}, {}).id, 2);
  EXPECT_EQ(applied.moved[0].head, (StreamHead{Revision(6), Position(2), Position(13),
                                               Timestamp{50}, Timestamp{100}, 7, third, third}));
  const EventId second = DeriveEventId(Make(1, {}, {}).id, 1);
  EXPECT_EQ(applied.moved[1].head, (StreamHead{Revision(0), Position(12), Position(12),
                                               Timestamp{100}, Timestamp{100}, 1, second, second}));
}

TEST(Apply, SeesEarlierCommitsOfTheGroup) {
  FixedState state;
  const AppliedGroup applied =
      ApplyAll(state, {Make(1, {On("a", ExpectedRevision::NoStream())}, {0, 0}),
                       Make(2, {On("a", ExpectedRevision::NoStream())}, {0}),
                       Make(3, {On("a", ExpectedRevision::Exactly(1))}, {0})});
  EXPECT_TRUE(applied.verdicts[0].ok());
  EXPECT_EQ(ReasonOf(applied.verdicts[1].status()), ErrorReason::kRevisionConflict);
  ASSERT_TRUE(applied.verdicts[2].ok());
  EXPECT_EQ(applied.verdicts[2]->first, Position(3));
  ASSERT_THAT(applied.accepted, SizeIs(2));
  EXPECT_EQ(applied.accepted[1].index, 2u);
  ASSERT_THAT(applied.moved, SizeIs(1));
  EXPECT_EQ(applied.moved[0].head.last_revision, Revision(2));
  EXPECT_EQ(state.look_ups, 1) << "a head that moved in this group is not looked up again";
}

TEST(Apply, RepeatsACommitOfTheSameGroup) {
  FixedState state;
  const Commit commit = Make(1, {On("a", ExpectedRevision::NoStream())}, {0});
  const AppliedGroup applied = ApplyAll(state, {commit, commit});
  ASSERT_TRUE(applied.verdicts[1].ok());
  EXPECT_TRUE(applied.verdicts[1]->repeated);
  EXPECT_EQ(applied.verdicts[1]->first, Position(1));
  EXPECT_THAT(applied.accepted, SizeIs(1));
}

TEST(Apply, DoesNotTakeARefusedCommitOfTheGroupForKnown) {
  FixedState state;
  const Commit refused = Make(1, {On("a", ExpectedRevision::StreamExists())}, {0});
  const AppliedGroup applied = ApplyAll(state, {refused, Make(2, {On("a")}, {0}), refused});
  EXPECT_EQ(ReasonOf(applied.verdicts[0].status()), ErrorReason::kRevisionConflict);
  ASSERT_TRUE(applied.verdicts[2].ok());
  EXPECT_FALSE(applied.verdicts[2]->repeated);
}

TEST(Apply, RepeatsAStoredCommitWhateverItsExpectationsSayNow) {
  FixedState state;
  const Commit commit = Make(1, {On("a", ExpectedRevision::NoStream())}, {0});
  state.streams[{0, "a"}] = kHeadOfA;
  CommitReceipt receipt;
  receipt.first = receipt.last = Position(2);
  state.commits[{0, commit.id}] = {commit, receipt};
  const AppliedGroup applied = ApplyAll(state, {commit}, {Position(10), {}});
  ASSERT_TRUE(applied.verdicts[0].ok());
  EXPECT_TRUE(applied.verdicts[0]->repeated);
  EXPECT_EQ(applied.verdicts[0]->first, Position(2));
  EXPECT_THAT(applied.accepted, IsEmpty());
}

TEST(Apply, NamesThePlaceOfTheCommitThatTookAnId) {
  FixedState state;
  const AppliedGroup applied =
      ApplyAll(state, {Make(1, {On("a")}, {0}), Make(1, {On("b")}, {0})}, {Position(10), {}});
  const absl::Status refused = applied.verdicts[1].status();
  EXPECT_EQ(ReasonOf(refused), ErrorReason::kIdReused);
  EXPECT_THAT(DetailsOf(refused).metadata, testing::Contains(testing::Pair("position", "11")));
}

TEST(Apply, KeepsTenantsApart) {
  FixedState state;
  Commit other = Make(1, {On("a", ExpectedRevision::NoStream())}, {0});
  const Commit first = other;
  other.tenant = 1;
  const AppliedGroup applied = ApplyAll(state, {first, other});
  ASSERT_TRUE(applied.verdicts[0].ok() && applied.verdicts[1].ok());
  EXPECT_FALSE(applied.verdicts[1]->repeated);
  EXPECT_THAT(applied.moved, SizeIs(2));
}

TEST(Apply, KeepsTimeFromRunningBackwards) {
  FixedState state;
  Commit late = Make(1, {On("a")}, {0});
  late.proposed = Timestamp{300};
  const AppliedGroup applied =
      ApplyAll(state, {late, Make(2, {On("a")}, {0})}, {Position(1), Timestamp{200}});
  EXPECT_EQ(applied.verdicts[0]->recorded, Timestamp{300});
  EXPECT_EQ(applied.verdicts[1]->recorded, Timestamp{300});
}

TEST(Apply, RefusesWhatItCannotCheckAndGoesOn) {
  FixedState state;
  state.fault = MakeError(ErrorReason::kDataLoss, "unreadable");
  const AppliedGroup applied = ApplyAll(state, {Make(1, {On("a")}, {0})}, {Position(5), {}});
  EXPECT_EQ(ReasonOf(applied.verdicts[0].status()), ErrorReason::kDataLoss);
  EXPECT_THAT(applied.accepted, IsEmpty());
  EXPECT_EQ(applied.tip.head, Position(5));
}

TEST(Apply, IsDeterministic) {
  FixedState state;
  state.streams[{0, "a"}] = kHeadOfA;
  const std::vector<Commit> group = {Make(1, {On("a"), On("b")}, {1, 0}), Make(2, {On("b")}, {0})};
  const AppliedGroup one = ApplyAll(state, group);
  const AppliedGroup two = ApplyAll(state, group);
  for (size_t i = 0; i < group.size(); ++i) {
    EXPECT_EQ(one.verdicts[i]->first, two.verdicts[i]->first);
    EXPECT_EQ(one.verdicts[i]->streams, two.verdicts[i]->streams);
  }
  EXPECT_EQ(one.tip, two.tip);
}

// One event with this id for each stream of `commit`, in its order.
Commit WithIds(Commit commit, const std::vector<EventId>& ids) {
  for (size_t i = 0; i < ids.size(); ++i) commit.events[i].event.id = ids[i];
  return commit;
}

Commit IfNone(Commit commit, EventFilter filter, uint64_t after) {
  commit.conditions.push_back({std::move(filter), Position(after)});
  return commit;
}

EventFilter OfType(const std::string& type) { return {{{.types = {type}}}}; }

Commit Typed(Commit commit, const std::string& type) {
  for (CommitEvent& entry : commit.events) entry.event.type = type;
  return commit;
}

StreamHead HeadWith(uint64_t events, uint64_t sorted, uint8_t last_sorted, uint8_t max) {
  StreamHead head = kHeadOfA;
  head.last_revision = Revision(events - 1);
  head.sorted_count = sorted;
  head.last_sorted_id = Id(last_sorted);
  head.max_id = Id(max);
  return head;
}

TEST(ApplyEventIds, TakesAnIdGreaterThanAllWithoutLookingItUp) {
  FixedState state;
  state.streams[{0, "a"}] = HeadWith(5, 5, 50, 50);
  const AppliedGroup applied =
      ApplyAll(state, {WithIds(Make(1, {On("a")}, {0, 0}), {Id(51), Id(52)}),
                       WithIds(Make(2, {On("a")}, {0}), {Id(53)})});
  ASSERT_TRUE(applied.verdicts[0].ok() && applied.verdicts[1].ok());
  EXPECT_EQ(state.event_look_ups, 0);
  EXPECT_THAT(applied.id_rows, IsEmpty());
  EXPECT_EQ(applied.moved[0].head.sorted_count, 8u);
  EXPECT_EQ(applied.moved[0].head.max_id, Id(53));
}

TEST(ApplyEventIds, WritesARowForEachEventOnceIdsCeasedToAscend) {
  FixedState state;
  state.streams[{0, "a"}] = HeadWith(5, 5, 50, 50);
  const AppliedGroup applied =
      ApplyAll(state, {WithIds(Make(1, {On("a")}, {0, 0, 0}), {Id(51), Id(40), Id(60)}),
                       WithIds(Make(2, {On("a")}, {0}), {Id(61)})});
  ASSERT_THAT(applied.id_rows, SizeIs(3));
  EXPECT_EQ(applied.id_rows[0].stream_number, kHeadOfA.first_position);
  EXPECT_EQ(applied.id_rows[0].id, Id(40));
  EXPECT_EQ(applied.id_rows[0].revision, Revision(6));
  EXPECT_EQ(applied.id_rows[2].id, Id(61));
  const StreamHead& head = applied.moved[0].head;
  EXPECT_EQ(head.sorted_count, 6u);
  EXPECT_EQ(head.last_sorted_id, Id(51));
  EXPECT_EQ(head.max_id, Id(61));
}

TEST(ApplyEventIds, ListsEveryIdThatIsTakenBeforeWhatElseFailed) {
  FixedState state;
  state.streams[{0, "a"}] = HeadWith(5, 5, 50, 50);
  state.events = {{{"a", Id(10)}, Revision(1)}, {{"a", Id(50)}, Revision(4)}};
  const AppliedGroup applied =
      ApplyAll(state, {WithIds(Make(1, {On("a", ExpectedRevision::Exactly(0))}, {0, 0, 0}),
                               {Id(10), Id(20), Id(50)})});
  const absl::Status refused = applied.verdicts[0].status();
  EXPECT_EQ(ReasonOf(refused), ErrorReason::kEventIdTaken);
  EXPECT_THAT(
      DetailsOf(refused).taken_event_ids,
      ElementsAre(TakenEventId{"a", Id(10), Revision(1)}, TakenEventId{"a", Id(50), Revision(4)}));
  EXPECT_THAT(DetailsOf(refused).failed_expectations, SizeIs(1));
}

TEST(ApplyEventIds, RepeatsTheCommitThatHasAllEventsUnderAnotherId) {
  FixedState state;
  state.streams[{0, "a"}] = HeadWith(5, 5, 50, 50);
  const Commit commit = WithIds(Make(1, {On("a")}, {0}), {Id(10)});
  state.events = {{{"a", Id(10)}, Revision(1)}};
  state.holder = {commit, {}};
  state.holder.receipt.first = Position(3);
  Commit again = commit;
  again.id.bytes[0] = 9;
  again.streams[0].expected = ExpectedRevision::NoStream();
  again = IfNone(again, {}, 0);
  const AppliedGroup applied = ApplyAll(state, {again}, {Position(9), {}});
  ASSERT_TRUE(applied.verdicts[0].ok()) << applied.verdicts[0].status();
  EXPECT_TRUE(applied.verdicts[0]->repeated);
  EXPECT_EQ(applied.verdicts[0]->first, Position(3));
  EXPECT_THAT(applied.accepted, IsEmpty());
}

TEST(ApplyEventIds, SeesTheIdsOfEarlierCommitsOfTheGroup) {
  FixedState state;
  const Commit first = WithIds(Make(1, {On("a"), On("b")}, {0, 1}), {Id(5), Id(6)});
  Commit again = first;
  again.id.bytes[0] = 9;
  const AppliedGroup applied =
      ApplyAll(state, {first, again, WithIds(Make(2, {On("b")}, {0}), {Id(6)}),
                       WithIds(Make(3, {On("b")}, {0}), {Id(5)})});
  ASSERT_TRUE(applied.verdicts[1].ok()) << applied.verdicts[1].status();
  EXPECT_TRUE(applied.verdicts[1]->repeated);
  EXPECT_EQ(applied.verdicts[1]->id, first.id);
  EXPECT_EQ(DetailsOf(applied.verdicts[2].status()).taken_event_ids[0],
            (TakenEventId{"b", Id(6), Revision(0)}));
  EXPECT_TRUE(applied.verdicts[3].ok()) << "an id belongs to its stream";
}

TEST(ApplyConditions, AsksOnlyForWhatNobodyLookedAt) {
  FixedState state;
  Commit commit = IfNone(Make(1, {On("a")}, {0}), OfType("t"), 5);
  ApplyAll(state, {commit}, {Position(20), {}});
  EXPECT_EQ(state.asked_after, Position(5));
  commit.conditions[0].checked = Position(17);
  ApplyAll(state, {commit}, {Position(20), {}});
  EXPECT_EQ(state.asked_after, Position(17));
  state.asked_after.reset();
  commit.conditions[0].checked = Position(20);
  EXPECT_TRUE(ApplyAll(state, {commit}, {Position(20), {}}).verdicts[0].ok());
  EXPECT_EQ(state.asked_after, std::nullopt);
}

TEST(ApplyConditions, RefusesWhatWasFoundBefore) {
  FixedState state;
  Commit commit = IfNone(Make(1, {On("a")}, {0}), OfType("t"), 5);
  commit.conditions[0].found = Position(6);
  const absl::Status refused = ApplyAll(state, {commit}, {Position(20), {}}).verdicts[0].status();
  EXPECT_EQ(ReasonOf(refused), ErrorReason::kAppendConditionFailed);
  EXPECT_THAT(DetailsOf(refused).failed_conditions, ElementsAre(FailedCondition{0, Position(6)}));
}

TEST(ApplyConditions, SeesEarlierCommitsOfTheGroupAndNotItsOwn) {
  FixedState state;
  const auto mine = [](uint8_t id) {
    return IfNone(Typed(Make(id, {On("a")}, {0}), "t"), OfType("t"), 0);
  };
  const Commit other = Typed(Make(4, {On("b")}, {0}), "u");
  const AppliedGroup applied = ApplyAll(state, {other, mine(1), mine(2)});
  EXPECT_TRUE(applied.verdicts[1].ok()) << applied.verdicts[1].status();
  EXPECT_THAT(DetailsOf(applied.verdicts[2].status()).failed_conditions,
              ElementsAre(FailedCondition{0, Position(2)}));
}

TEST(ApplyConditions, DoesNotSeeARefusedCommitOfTheGroup) {
  FixedState state;
  const Commit refused = Typed(Make(1, {On("a", ExpectedRevision::StreamExists())}, {0}), "t");
  const AppliedGroup applied =
      ApplyAll(state, {refused, IfNone(Make(2, {On("b")}, {0}), OfType("t"), 0)});
  EXPECT_TRUE(applied.verdicts[1].ok()) << applied.verdicts[1].status();
}

TEST(ApplyConditions, ListsEveryFailureAndLetsTheRevisionNameTheReason) {
  FixedState state;
  state.match = Position(7);
  Commit commit = Make(1, {On("a", ExpectedRevision::StreamExists())}, {0});
  commit = IfNone(IfNone(commit, OfType("t"), 0), {}, 20);
  commit = IfNone(commit, OfType("u"), 6);
  const absl::Status refused = ApplyAll(state, {commit}, {Position(20), {}}).verdicts[0].status();
  EXPECT_EQ(ReasonOf(refused), ErrorReason::kRevisionConflict);
  EXPECT_THAT(DetailsOf(refused).failed_expectations, SizeIs(1));
  EXPECT_THAT(DetailsOf(refused).failed_conditions,
              ElementsAre(FailedCondition{0, Position(7)}, FailedCondition{2, Position(7)}));
}

}  // namespace
}  // namespace nexus::log
