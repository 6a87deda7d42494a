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
  std::vector<const Commit*> pointers;
  for (const Commit& commit : group) pointers.push_back(&commit);
  return Apply(tip, state, pointers);
}

const StreamHead kHeadOfA{Revision(4), Position(2), Position(9), Timestamp{50}, Timestamp{60}};

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
  EXPECT_EQ(applied.moved[0].head,
            (StreamHead{Revision(6), Position(2), Position(13), Timestamp{50}, Timestamp{100}}));
  EXPECT_EQ(applied.moved[1].head,
            (StreamHead{Revision(0), Position(12), Position(12), Timestamp{100}, Timestamp{100}}));
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

}  // namespace
}  // namespace nexus::log
