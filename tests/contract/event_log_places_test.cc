// Reading at the places that an index or a time names.

#include "absl/strings/str_cat.h"
#include "contract/event_log_contract.h"

namespace nexus::contract {
namespace {

using ::testing::ElementsAre;

constexpr PageLimits kNoLimits{1'000, 1 << 30};

// 1 a@0  2 b@0  3 a@1 (at 100) | 4 a@2 (at 200) | 5 b@1 6 b@2 (at 200) | 7 a@3 (at 400)
class EventLogPlacesContract : public EventLogContract {
 protected:
  EventLogPlacesContract() {
    EXPECT_TRUE(Propose(CommitOf(1).Event("a", "1").Event("b", "2").Event("a", "3").At(100)).ok());
    EXPECT_TRUE(Propose(CommitOf(2).Event("a", "4").At(200)).ok());
    EXPECT_TRUE(Propose(CommitOf(3).Event("b", "5").Event("b", "6").At(150)).ok());
    EXPECT_TRUE(Propose(CommitOf(4).Event("a", "7").At(400)).ok());
  }

  absl::StatusOr<EventBatch> ReadAt(const std::vector<uint64_t>& places, PageLimits limits) {
    std::vector<Position> positions;
    for (const uint64_t place : places) positions.emplace_back(place);
    return reader().ReadAt(positions, limits);
  }
  std::vector<std::string> At(const std::vector<uint64_t>& places, PageLimits limits) {
    const auto page = ReadAt(places, limits);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    EXPECT_EQ(page->head, Position(7));
    std::vector<std::string> texts = ToTexts(*page);
    if (page->end) texts.push_back("end");
    return texts;
  }
  ErrorReason ReasonAt(const std::vector<uint64_t>& places) {
    return ReasonOf(ReadAt(places, kNoLimits).status());
  }
  uint64_t FirstAt(int64_t micros) {
    const auto first = reader().FirstRecordedAt(Timestamp{micros});
    EXPECT_TRUE(first.ok()) << first.status();
    return first.value_or(Position()).value;
  }
};

TEST_P(EventLogPlacesContract, ReadsTheEventsAtTheirPositions) {
  EXPECT_THAT(At({1, 3, 4, 6}, kNoLimits),
              ElementsAre("1 a@0 1", "3 a@1 3", "4 a@2 4", "6 b@2 6", "end"));
  EXPECT_THAT(At({2, 5}, kNoLimits), ElementsAre("2 b@0 2", "5 b@1 5", "end"));
  EXPECT_THAT(At({1, 2, 3, 4, 5, 6, 7}, kNoLimits),
              ElementsAre("1 a@0 1", "2 b@0 2", "3 a@1 3", "4 a@2 4", "5 b@1 5", "6 b@2 6",
                          "7 a@3 7", "end"));
}

TEST_P(EventLogPlacesContract, ReadsThemBackwardsToo) {
  EXPECT_THAT(At({7, 6, 5, 3, 1}, kNoLimits),
              ElementsAre("7 a@3 7", "6 b@2 6", "5 b@1 5", "3 a@1 3", "1 a@0 1", "end"));
}

TEST_P(EventLogPlacesContract, ReadsNothingWhereNothingIsAsked) {
  EXPECT_THAT(At({}, kNoLimits), ElementsAre("end"));
}

TEST_P(EventLogPlacesContract, StopsAtTheLimitsButReadsOneAtLeast) {
  EXPECT_THAT(At({1, 3, 6}, {2, 1 << 20}), ElementsAre("1 a@0 1", "3 a@1 3"));
  EXPECT_THAT(At({1, 3, 6}, {3, 1 << 20}), ElementsAre("1 a@0 1", "3 a@1 3", "6 b@2 6", "end"));
  EXPECT_THAT(At({1, 3, 6}, {100, 2}), ElementsAre("1 a@0 1", "3 a@1 3"));
  EXPECT_THAT(At({6, 1}, {100, 0}), ElementsAre("6 b@2 6"));
  EXPECT_THAT(At({6, 1}, {0, 0}), ElementsAre("6 b@2 6"));
}

TEST_P(EventLogPlacesContract, TakesAPlaceThatIsNotThereForLoss) {
  EXPECT_EQ(ReasonAt({8}), ErrorReason::kDataLoss);
  EXPECT_EQ(ReasonAt({1, UINT64_MAX}), ErrorReason::kDataLoss);
  EXPECT_EQ(ReasonAt({0}), ErrorReason::kDataLoss);
}

TEST_P(EventLogPlacesContract, CutsTheLogInTwoAtATime) {
  EXPECT_EQ(FirstAt(INT64_MIN), 1u);
  EXPECT_EQ(FirstAt(0), 1u);
  EXPECT_EQ(FirstAt(100), 1u);
  EXPECT_EQ(FirstAt(101), 4u);
  EXPECT_EQ(FirstAt(200), 4u) << "times that ran backwards were recorded at the last";
  EXPECT_EQ(FirstAt(201), 7u);
  EXPECT_EQ(FirstAt(400), 7u);
  EXPECT_EQ(FirstAt(401), 8u) << "behind the head";
  EXPECT_EQ(FirstAt(INT64_MAX), 8u);
}

TEST_P(EventLogPlacesContract, FindsEveryTimeOfALongerLog) {
  for (uint64_t i = 0; i < 50; ++i) {
    ASSERT_TRUE(
        Propose(CommitOf(100 + i).Events("c", 1 + i % 3).At(1'000 + 10 * static_cast<int64_t>(i)))
            .ok());
  }
  uint64_t next = 8;
  for (uint64_t i = 0; i < 50; ++i) {
    const int64_t time = 1'000 + 10 * static_cast<int64_t>(i);
    EXPECT_EQ(FirstAt(time - 5), next);
    EXPECT_EQ(FirstAt(time), next);
    next += 1 + i % 3;
  }
}

INSTANTIATE_TEST_SUITE_P(Logs, EventLogPlacesContract,
                         ::testing::Values(LogKind{"memory", MakeMemoryLog},
                                           LogKind{"rocksdb", MakeRocksLog}),
                         [](const auto& kind) { return kind.param.name; });

TEST(EmptyLogPlaces, HaveNoTimeAndNoEvent) {
  for (const auto& make : {MakeMemoryLog, MakeRocksLog}) {
    const std::unique_ptr<LogUnderTest> log = make();
    EXPECT_EQ(log->reader().FirstRecordedAt(Timestamp{5}).value(), Position(1));
    EXPECT_TRUE(log->reader().ReadAt({}, kNoLimits)->end);
    const Position first(1);
    EXPECT_EQ(ReasonOf(log->reader().ReadAt({&first, 1}, kNoLimits).status()),
              ErrorReason::kDataLoss);
  }
}

}  // namespace
}  // namespace nexus::contract
