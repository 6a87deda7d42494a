// Each fault that a broker can have is planted here, and must be found and told apart.

#include "route/reconcile/comparer.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::route {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

EventId IdOf(uint64_t position) {
  EventId id;
  id.bytes[0] = 1;
  for (size_t i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<uint8_t>(position >> (8 * i));
  return id;
}

// A log of events, each in one of `streams`, and a broker that got them all in order, one partition
// a stream. Tests spoil it before they compare.
class ComparerTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kStreams = 3;

  struct Record {
    int32_t partition = 0;
    int64_t number = 0;
    uint64_t position = 0;
    EventId id;
  };

  ComparerTest() {
    constexpr uint64_t events = 12;
    for (uint64_t position = 1; position <= events; ++position) {
      expectations_[position] = Expectation::kDue;
      const int32_t partition = PartitionOf(position);
      const int64_t number = next_[partition]++;
      broker_[partition].push_back({partition, number, position, IdOf(position)});
      rows_.push_back(Row(position, partition, number));
    }
  }

  static int32_t PartitionOf(uint64_t position) {
    return static_cast<int32_t>(position % kStreams);
  }
  static std::string StreamOf(uint64_t position) {
    return absl::StrCat("order-", position % kStreams);
  }
  static EgressRow Row(uint64_t position, int32_t partition, int64_t number) {
    EgressRow row;
    row.position = Position(position);
    row.partition = partition;
    row.number = number;
    return row;
  }
  // Something that is added to a partition now.
  void Put(int32_t partition, uint64_t position, const EventId& id) {
    broker_[partition].push_back({partition, next_[partition]++, position, id});
  }
  void TakeAway(uint64_t position) {
    std::erase_if(broker_[PartitionOf(position)],
                  [&](const Record& record) { return record.position == position; });
  }
  void Forget(uint64_t position) {
    std::erase_if(rows_, [&](const EgressRow& row) { return row.position == Position(position); });
  }
  ReconcileReport Compare() {
    Comparer comparer(
        {.place = "topic", .from = Position(from_), .to = Position(to_), .head = Position(head_)});
    for (const EgressRow& row : rows_) comparer.AddDelivery(place_, row);
    comparer.SortDeliveries();
    for (const auto& [position, expectation] : expectations_) {
      if (position < from_ || position > to_) continue;
      comparer.Expect({Position(position), Revision(position / kStreams), IdOf(position),
                       StreamOf(position), expectation});
    }
    std::vector<BrokerPart> parts;
    for (const auto& [partition, records] : broker_) {
      parts.push_back({partition, first_, next_[partition]});
    }
    comparer.Seal(parts);
    for (const auto& [partition, records] : broker_) {
      for (const Record& record : records) {
        if (record.number >= first_) comparer.Meet(RecordOf(record));
      }
    }
    return comparer.Finish();
  }
  static BrokerRecord RecordOf(const Record& record) {
    static std::string stream;
    stream = StreamOf(record.position);
    BrokerRecord out;
    out.partition = record.partition;
    out.number = record.number;
    out.id = record.id;
    out.position = Position(record.position);
    out.revision = Revision(record.position / kStreams);
    out.stream = stream;
    return out;
  }
  static void ExpectOnly(const ReconcileReport& report, FindingKind kind, uint64_t count) {
    for (size_t i = 0; i < kFindingKinds; ++i) {
      const auto one = static_cast<FindingKind>(i);
      EXPECT_EQ(report.count(one), one == kind ? count : 0) << FindingName(one);
    }
  }

  std::map<uint64_t, Expectation> expectations_;
  std::vector<EgressRow> rows_;
  std::string place_ = "topic";
  std::map<int32_t, std::vector<Record>> broker_;
  std::map<int32_t, int64_t> next_;
  int64_t first_ = 0;
  uint64_t from_ = 1;
  uint64_t to_ = 12;
  uint64_t head_ = 12;
};

TEST_F(ComparerTest, FindsNothingWhereNothingIsWrong) {
  const ReconcileReport report = Compare();
  EXPECT_EQ(report.events, 12u);
  EXPECT_EQ(report.found, 12u);
  EXPECT_EQ(report.records, 12u);
  EXPECT_EQ(report.faults(), 0u);
  EXPECT_THAT(report.examples, IsEmpty());
}

TEST_F(ComparerTest, FindsAGap) {
  TakeAway(5);
  const ReconcileReport report = Compare();
  ExpectOnly(report, FindingKind::kMissing, 1);
  ASSERT_THAT(report.examples, SizeIs(1));
  EXPECT_EQ(report.examples[0].position, Position(5));
  EXPECT_THAT(report.examples[0].text, HasSubstr("the ledger says that it was delivered"));
  EXPECT_EQ(report.found, 11u);
}

TEST_F(ComparerTest, FindsAGapThatTheLedgerHasToo) {
  TakeAway(5);
  Forget(5);
  ExpectOnly(Compare(), FindingKind::kMissing, 1);
}

TEST_F(ComparerTest, CountsDuplicatesAndThoseOfThemThatWereToBeExpected) {
  Put(PartitionOf(5), 5, IdOf(5));
  Put(PartitionOf(6), 6, IdOf(6));
  rows_.push_back(Row(6, PartitionOf(6), next_[PartitionOf(6)] - 1));  // a replay
  const ReconcileReport report = Compare();
  ExpectOnly(report, FindingKind::kDuplicate, 2);
  EXPECT_EQ(report.duplicates_known, 1u);
  EXPECT_EQ(report.faults(), 0u);
}

TEST_F(ComparerTest, FindsAnEventThatCameAfterALaterOneOfItsStream) {
  std::vector<Record>& records = broker_[0];
  std::swap(records[1].position, records[2].position);
  std::swap(records[1].id, records[2].id);
  rows_.clear();  // it says otherwise
  const ReconcileReport report = Compare();
  ExpectOnly(report, FindingKind::kReordered, 1);
  EXPECT_THAT(report.examples[0].text, HasSubstr("revision 2 of order-0"));
  EXPECT_THAT(report.examples[0].text, HasSubstr("after revision 3"));
}

TEST_F(ComparerTest, ARepetitionAfterALaterEventIsNoDisorder) {
  Put(0, 3, IdOf(3));
  Put(0, 6, IdOf(6));
  ExpectOnly(Compare(), FindingKind::kDuplicate, 2);
}

TEST_F(ComparerTest, FindsWhatBelongsToNoEvent) {
  Put(0, 0, EventId());        // of somebody else
  Put(0, 4'000, IdOf(4'000));  // of a log that has lost it
  Put(0, 4, IdOf(400));        // of another log
  const ReconcileReport report = Compare();
  ExpectOnly(report, FindingKind::kForeign, 3);
  ASSERT_THAT(report.examples, SizeIs(3));
  EXPECT_THAT(report.examples[0].text, HasSubstr("topic/0/4 says of no event"));
  EXPECT_THAT(report.examples[1].text, HasSubstr("the log ends at 12"));
  EXPECT_THAT(report.examples[2].text, HasSubstr("not that of the log"));
}

TEST_F(ComparerTest, FindsAnotherEventWhereTheLedgerHasOne) {
  std::vector<Record>& records = broker_[1];
  // As if the partition had been written anew with one record less before it.
  std::swap(records[1].position, records[2].position);
  std::swap(records[1].id, records[2].id);
  const ReconcileReport report = Compare();
  EXPECT_EQ(report.count(FindingKind::kMoved), 2u);
  EXPECT_EQ(report.count(FindingKind::kReordered), 1u);
  EXPECT_EQ(report.count(FindingKind::kMissing), 0u);
}

TEST_F(ComparerTest, FindsNothingWhereTheLedgerHasAnEvent) {
  for (EgressRow& row : rows_) {
    if (row.position == Position(7)) row.number = 1'000;
  }
  const ReconcileReport report = Compare();
  ExpectOnly(report, FindingKind::kMoved, 1);
  EXPECT_THAT(report.examples[0].text, HasSubstr("topic/1/1000, where the broker has nothing"));
}

TEST_F(ComparerTest, AskNothingOfACoordinateThatNobodyTold) {
  for (EgressRow& row : rows_) {
    if (row.position == Position(7)) row.number = -1;
  }
  EXPECT_EQ(Compare().faults(), 0u);
  TakeAway(7);
  ExpectOnly(Compare(), FindingKind::kMissing, 1);
}

TEST_F(ComparerTest, TellsWhatTheBrokerRemovedFromWhatIsMissing) {
  first_ = 2;  // six of twelve are gone
  Forget(1);
  TakeAway(12);
  const ReconcileReport report = Compare();
  EXPECT_EQ(report.expired, 6u);
  EXPECT_EQ(report.found, 5u);
  ExpectOnly(report, FindingKind::kMissing, 1);
}

TEST_F(ComparerTest, TellsWhatLiesElsewhere) {
  place_ = "topic-before";
  for (uint64_t position = 1; position <= 12; ++position) TakeAway(position);
  const ReconcileReport report = Compare();
  EXPECT_EQ(report.elsewhere, 12u);
  EXPECT_EQ(report.faults(), 0u);
}

TEST_F(ComparerTest, AsksOnlyForWhatIsDue) {
  const std::map<uint64_t, Expectation> not_due = {{1, Expectation::kUnknown},
                                                   {2, Expectation::kGivenUp},
                                                   {3, Expectation::kHeldBack},
                                                   {4, Expectation::kPending}};
  for (const auto& [position, expectation] : not_due) {
    expectations_[position] = expectation;
    TakeAway(position);
    Forget(position);
  }
  const ReconcileReport report = Compare();
  EXPECT_EQ(report.unknown, 1u);
  EXPECT_EQ(report.given_up, 1u);
  EXPECT_EQ(report.held_back, 1u);
  EXPECT_EQ(report.pending, 1u);
  EXPECT_EQ(report.faults(), 0u);
}

TEST_F(ComparerTest, WhatTheLedgerHasIsDueWhateverElseIsSaidOfIt) {
  expectations_[2] = Expectation::kGivenUp;
  expectations_[4] = Expectation::kUnknown;
  TakeAway(2);
  TakeAway(4);
  ExpectOnly(Compare(), FindingKind::kMissing, 2);
}

TEST_F(ComparerTest, ADeadLetterThatIsTriedAgainMayComeLate) {
  expectations_[3] = Expectation::kGivenUp;
  std::vector<Record>& records = broker_[0];
  std::swap(records[0].position, records[2].position);
  std::swap(records[0].id, records[2].id);
  rows_.clear();
  const ReconcileReport report = Compare();
  // 9 came first, then 6, then 3: 6 is out of order, and of 3 nobody can tell.
  EXPECT_EQ(report.count(FindingKind::kReordered), 1u);
  EXPECT_EQ(report.order_unknown, 1u);
}

TEST_F(ComparerTest, DoesNotCompareTheOrderOfPartitions) {
  TakeAway(9);
  Put(2, 9, IdOf(9));
  Forget(9);
  const ReconcileReport report = Compare();
  EXPECT_EQ(report.faults(), 0u);
  EXPECT_EQ(report.order_unknown, 1u);
}

TEST_F(ComparerTest, LeavesOutWhatIsNotAsked) {
  from_ = 4;
  to_ = 9;
  std::erase_if(rows_, [](const EgressRow& row) {
    return row.position < Position(4) || row.position > Position(9);
  });
  expectations_.erase(6);  // the route does not match it
  Forget(6);
  TakeAway(1);
  const ReconcileReport report = Compare();
  EXPECT_EQ(report.events, 5u);
  EXPECT_EQ(report.found, 5u);
  EXPECT_EQ(report.outside, 5u);
  EXPECT_EQ(report.unmatched, 1u);
  EXPECT_EQ(report.faults(), 0u);
}

TEST_F(ComparerTest, ShowsAFewOfManyAndCountsAll) {
  for (uint64_t position = 1; position <= 12; ++position) TakeAway(position);
  const ReconcileReport report = Compare();
  ExpectOnly(report, FindingKind::kMissing, 12);
  EXPECT_THAT(report.examples, SizeIs(5));
}

}  // namespace
}  // namespace nexus::route
