// An event id is unique in its stream, for ever; a commit sent again is known by the ids of its
// events as well as by its own.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "contract/event_log_contract.h"

namespace nexus::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

EventId IdOf(uint64_t n) {
  EventId id;
  for (int i = 0; i < 8; ++i) id.bytes[i] = static_cast<uint8_t>(n >> (56 - 8 * i));
  return id;
}

// Without any order, as version 4 UUIDs are.
EventId RandomId(uint64_t n) { return IdOf(n * 0x9E3779B97F4A7C15u); }

// The ids of the commit's events, in its order.
Commit WithEventIds(Commit commit, const std::vector<EventId>& ids) {
  for (size_t i = 0; i < ids.size(); ++i) commit.events.at(i).event.id = ids[i];
  return commit;
}
Commit WithCommitId(Commit commit, uint64_t id) {
  commit.id = static_cast<Commit>(CommitOf(id)).id;
  return commit;
}

class EventIdContract : public EventLogContract {
 protected:
  // Stores one event with this id; its data is `data`.
  absl::StatusOr<CommitReceipt> Store(const std::string& stream, const EventId& id,
                                      const std::string& data = "x") {
    return Propose(WithEventIds(CommitOf(++commits_).Event(stream, data), {id}));
  }
  // Where the stream has the id; nothing if it was taken as new, and is in the stream now.
  std::optional<uint64_t> Taken(const std::string& stream, const EventId& id) {
    const auto answer = Store(stream, id, absl::StrCat("other content ", commits_));
    if (answer.ok()) return std::nullopt;
    const ErrorDetails details = DetailsOf(answer.status());
    EXPECT_EQ(details.reason, ErrorReason::kEventIdTaken) << answer.status();
    EXPECT_THAT(details.taken_event_ids, SizeIs(1));
    EXPECT_EQ(details.taken_event_ids[0].stream, stream);
    EXPECT_EQ(details.taken_event_ids[0].id, id);
    return details.taken_event_ids[0].revision.value;
  }

  uint64_t commits_ = 1'000;
};

TEST_P(EventIdContract, RepeatsACommitUnderAnotherCommitId) {
  const Commit commit = CommitOf(1).Event("a", "x").Event("b", "y").Event("a", "z");
  const auto first = Propose(commit);
  const auto again = Propose(WithCommitId(commit, 2));
  ASSERT_TRUE(first.ok() && again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->id, first->id);
  EXPECT_EQ(again->first, first->first);
  EXPECT_EQ(again->streams, first->streams);
  EXPECT_EQ(reader().Head(), Position(3));
  // Its commit id was not stored: another commit may have it.
  EXPECT_FALSE(Propose(CommitOf(2).Event("c", "new"))->repeated);
}

TEST_P(EventIdContract, RepeatsWhateverExpectationsAndConditionsSayNow) {
  Commit commit = CommitOf(1).Stream("a", ExpectedRevision::NoStream()).Event("a", "x");
  ASSERT_TRUE(Propose(commit).ok());
  commit = WithCommitId(commit, 2);
  commit.streams[0].expected = ExpectedRevision::Exactly(9);
  commit.conditions.push_back({EventFilter(), Position(0)});
  const auto again = Propose(commit);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
}

TEST_P(EventIdContract, FindsARepeatedCommitWithoutProposingIt) {
  const Commit commit =
      WithEventIds(CommitOf(1).Event("a", "x").Event("b", "y"), {IdOf(5), IdOf(4)});
  ASSERT_TRUE(Propose(commit).ok());
  const auto found = log().FindCommit(WithCommitId(commit, 2));
  ASSERT_TRUE(found.ok() && found->has_value()) << found.status();
  EXPECT_TRUE((*found)->repeated);
  EXPECT_EQ((*found)->id, commit.id);
  Commit other = WithCommitId(commit, 3);
  other.events[1].event.data = "another";
  EXPECT_EQ(log().FindCommit(other)->has_value(), false);
}

TEST_P(EventIdContract, RefusesAPartialOverlapAndNamesEveryTakenId) {
  ASSERT_TRUE(Propose(WithEventIds(CommitOf(1).Events("a", 3), {IdOf(1), IdOf(2), IdOf(3)})).ok());
  const Commit more = WithEventIds(CommitOf(2)
                                       .Stream("a", ExpectedRevision::Exactly(0))
                                       .Event("a", "e1")
                                       .Event("a", "new")
                                       .Event("a", "e2"),
                                   {IdOf(2), IdOf(9), IdOf(3)});
  const absl::Status refused = Propose(more).status();
  const ErrorDetails details = DetailsOf(refused);
  EXPECT_EQ(details.reason, ErrorReason::kEventIdTaken);
  EXPECT_THAT(details.taken_event_ids, ElementsAre(TakenEventId{"a", IdOf(2), Revision(1)},
                                                   TakenEventId{"a", IdOf(3), Revision(2)}));
  EXPECT_THAT(details.failed_expectations, SizeIs(1)) << "everything is listed";
  EXPECT_THAT(std::string(refused.message()), HasSubstr("need"));
  EXPECT_EQ(reader().Head(), Position(3)) << "nothing was written";
}

TEST_P(EventIdContract, RefusesPartOfAStoredCommit) {
  ASSERT_TRUE(Propose(WithEventIds(CommitOf(1).Events("a", 2), {IdOf(1), IdOf(2)})).ok());
  EXPECT_EQ(Taken("a", IdOf(1)), 0u);
  const Commit head_only = WithEventIds(CommitOf(2).Event("a", "e0"), {IdOf(1)});
  EXPECT_EQ(ReasonFor(head_only), ErrorReason::kEventIdTaken);
}

TEST_P(EventIdContract, RefusesTheEventsOfTwoCommitsInOne) {
  ASSERT_TRUE(Propose(WithEventIds(CommitOf(1).Event("a", "e0"), {IdOf(1)})).ok());
  ASSERT_TRUE(Propose(WithEventIds(CommitOf(2).Event("a", "e1"), {IdOf(2)})).ok());
  EXPECT_EQ(ReasonFor(WithEventIds(CommitOf(3).Events("a", 2), {IdOf(1), IdOf(2)})),
            ErrorReason::kEventIdTaken);
}

TEST_P(EventIdContract, RefusesAnotherOrder) {
  const Commit commit =
      WithEventIds(CommitOf(1).Event("a", "x").Event("a", "x"), {IdOf(1), IdOf(2)});
  ASSERT_TRUE(Propose(commit).ok());
  EXPECT_EQ(ReasonFor(WithEventIds(WithCommitId(commit, 2), {IdOf(2), IdOf(1)})),
            ErrorReason::kEventIdTaken);
}

TEST_P(EventIdContract, RefusesOtherContentUnderKnownIds) {
  Commit commit = WithEventIds(CommitOf(1).Event("a", "x"), {IdOf(1)});
  ASSERT_TRUE(Propose(commit).ok());
  commit = WithCommitId(commit, 2);
  commit.events[0].event.tags = {"another"};
  EXPECT_EQ(ReasonFor(commit), ErrorReason::kEventIdTaken);
  commit.id = static_cast<Commit>(CommitOf(1)).id;
  EXPECT_EQ(ReasonFor(commit), ErrorReason::kIdReused) << "the commit id is looked up first";
}

TEST_P(EventIdContract, AllowsTheSameIdInTwoStreamsAndTwoTenants) {
  ASSERT_TRUE(Propose(WithEventIds(CommitOf(1).Event("a", "x"), {IdOf(1)})).ok());
  const auto other_stream = Propose(WithEventIds(CommitOf(2).Event("b", "x"), {IdOf(1)}));
  EXPECT_TRUE(other_stream.ok()) << other_stream.status();
  EXPECT_FALSE(other_stream->repeated);
  const auto other_tenant = Propose(WithEventIds(CommitOf(3).Tenant(7).Event("a", "x"), {IdOf(1)}));
  EXPECT_TRUE(other_tenant.ok()) << other_tenant.status();
  EXPECT_FALSE(other_tenant->repeated);
}

TEST_P(EventIdContract, FindsEveryIdOfAStreamInOrder) {
  // Several events a commit, so that bisection lands within commits as well as between them.
  for (uint64_t i = 0; i < 40; i += 4) {
    ASSERT_TRUE(
        Propose(WithEventIds(CommitOf(1 + i).Events("a", 4),
                             {IdOf(2 * i + 2), IdOf(2 * i + 4), IdOf(2 * i + 6), IdOf(2 * i + 8)}))
            .ok());
  }
  for (uint64_t i = 0; i < 40; ++i) EXPECT_EQ(Taken("a", IdOf(2 * i + 2)), i);
  // Between, below and above them nothing is taken; from here on the stream is out of order.
  for (const uint64_t absent : {1, 3, 39, 79, 81}) {
    EXPECT_EQ(Taken("a", IdOf(absent)), std::nullopt) << absent;
  }
  for (uint64_t i = 0; i < 40; ++i) EXPECT_EQ(Taken("a", IdOf(2 * i + 2)), i);
  uint64_t revision = 40;
  for (const uint64_t behind : {1, 3, 39, 79, 81}) {
    EXPECT_EQ(Taken("a", IdOf(behind)), revision++) << behind;
  }
}

TEST_P(EventIdContract, FindsEveryIdOfAStreamWithoutOrder) {
  for (uint64_t i = 0; i < 60; ++i) ASSERT_EQ(Taken("a", RandomId(i)), std::nullopt) << i;
  for (uint64_t i = 0; i < 60; ++i) ASSERT_EQ(Taken("a", RandomId(i)), i);
  EXPECT_EQ(reader().Head(), Position(60));
}

TEST_P(EventIdContract, FindsIdsThatDescend) {
  for (uint64_t i = 0; i < 20; ++i) ASSERT_EQ(Taken("a", IdOf(100 - i)), std::nullopt);
  for (uint64_t i = 0; i < 20; ++i) ASSERT_EQ(Taken("a", IdOf(100 - i)), i);
}

TEST_P(EventIdContract, FindsTheGreatestIdOfASortedAndOfAnUnsortedStream) {
  ASSERT_TRUE(Store("a", IdOf(5)).ok());
  EXPECT_EQ(Taken("a", IdOf(5)), 0u);
  ASSERT_TRUE(Store("a", IdOf(3)).ok());
  EXPECT_EQ(Taken("a", IdOf(5)), 0u);
  ASSERT_TRUE(Store("a", IdOf(9)).ok());
  EXPECT_EQ(Taken("a", IdOf(9)), 2u);
  EXPECT_EQ(Taken("a", IdOf(3)), 1u);
}

TEST_P(EventIdContract, DoesNotRememberTheIdsOfARefusedCommit) {
  ASSERT_TRUE(Store("a", IdOf(1)).ok());
  EXPECT_FALSE(
      Propose(WithEventIds(CommitOf(1).Stream("a", ExpectedRevision::NoStream()).Event("a", "x"),
                           {IdOf(2)}))
          .ok());
  EXPECT_EQ(Taken("a", IdOf(2)), std::nullopt);
}

TEST_P(EventIdContract, SeesTheIdsOfCommitsUnderWay) {
  constexpr size_t kProposals = 60;
  absl::Mutex mutex;
  std::vector<absl::StatusOr<CommitReceipt>> answers;
  // Twenty events without order, each three times: once new, once again, once with other content.
  for (size_t i = 0; i < kProposals; ++i) {
    Commit commit = CommitOf(1 + i).Event("a", i % 3 == 2 ? "other" : "x");
    log().Propose(WithEventIds(commit, {RandomId(i / 3)}),
                  [&](absl::StatusOr<CommitReceipt> answer) {
                    absl::MutexLock lock(&mutex);
                    answers.push_back(std::move(answer));
                  });
  }
  const auto complete = [&] { return answers.size() == kProposals; };
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&complete));
  for (size_t i = 0; i < kProposals; ++i) {
    if (i % 3 == 2) {
      EXPECT_EQ(ReasonOf(answers[i].status()), ErrorReason::kEventIdTaken) << i;
    } else {
      ASSERT_TRUE(answers[i].ok()) << answers[i].status();
      EXPECT_EQ(answers[i]->repeated, i % 3 == 1) << i;
      EXPECT_EQ(answers[i]->first, Position(i / 3 + 1));
    }
  }
}

TEST_P(EventIdContract, KnowsTenThousandIdsOfOneCommit) {
  CommitOf commit(1);
  for (size_t i = 0; i < 10'000; ++i) commit.Event(absl::StrCat("s-", i % 10), "d");
  Commit large = commit;
  for (size_t i = 0; i < 10'000; ++i) large.events[i].event.id = RandomId(i);
  ASSERT_TRUE(Propose(large).ok());
  EXPECT_TRUE(Propose(WithCommitId(large, 2))->repeated);
  EXPECT_EQ(Taken("s-7", RandomId(9'997)), 999u);
}

INSTANTIATE_TEST_SUITE_P(Logs, EventIdContract,
                         ::testing::Values(LogKind{"memory", MakeMemoryLog},
                                           LogKind{"rocksdb", MakeRocksLog}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace nexus::contract
