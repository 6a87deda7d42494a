#include "nexus/core/ids.h"

#include <set>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "nexus/core/position.h"

namespace nexus {
namespace {

constexpr char kText[] = "0189a5c0-1b2d-7e3f-8a4b-5c6d7e8f9a0b";

TEST(Ids, PrintWhatTheyWereParsedFrom) { EXPECT_EQ(EventId::Parse(kText)->ToString(), kText); }

TEST(Ids, ParseUpperCaseAndPrintLowerCase) {
  EXPECT_EQ(EventId::Parse("0189A5C0-1B2D-7E3F-8A4B-5C6D7E8F9A0B")->ToString(), kText);
}

TEST(Ids, KeepTheBytesInTheOrderOfTheText) {
  const auto id = EventId::Parse("00010203-0405-0607-0809-0a0b0c0d0e0f");
  ASSERT_TRUE(id.ok());
  for (size_t i = 0; i < 16; ++i) EXPECT_EQ(id->bytes[i], i);
  EXPECT_EQ(id->AsBytes().size(), 16u);
  EXPECT_EQ(id->AsBytes()[15], 15);
}

TEST(Ids, TellTheNilId) {
  EXPECT_TRUE(EventId{}.IsNil());
  EXPECT_TRUE(EventId::Parse("00000000-0000-0000-0000-000000000000")->IsNil());
  EXPECT_FALSE(EventId::Parse(kText)->IsNil());
}

TEST(Ids, OrderLikeTheirText) {
  EXPECT_LT(*EventId::Parse("00000000-0000-0000-0000-000000000001"),
            *EventId::Parse("00000000-0000-0000-0000-000000000002"));
}

TEST(Ids, HashByTheirBytes) {
  const absl::flat_hash_set<EventId> set = {*EventId::Parse(kText), EventId{}};
  EXPECT_TRUE(set.contains(*EventId::Parse(kText)));
  EXPECT_EQ(set.size(), 2u);
}

class MalformedIds : public ::testing::TestWithParam<std::string> {};

TEST_P(MalformedIds, AreRefused) {
  const auto id = CommitId::Parse(GetParam());
  ASSERT_FALSE(id.ok());
  EXPECT_EQ(ReasonOf(id.status()), ErrorReason::kMalformedId);
}

INSTANTIATE_TEST_SUITE_P(Ids, MalformedIds,
                         ::testing::Values("", "0189a5c0", "0189a5c01b2d7e3f8a4b5c6d7e8f9a0b",
                                           "0189a5c0-1b2d-7e3f-8a4b-5c6d7e8f9a0",
                                           "0189a5c0-1b2d-7e3f-8a4b-5c6d7e8f9a0b0",
                                           "0189a5c0-1b2d-7e3f-8a4b-5c6d7e8f9a0g",
                                           "0189a5c-01b2d-7e3f-8a4b-5c6d7e8f9a0b",
                                           "{189a5c0-1b2d-7e3f-8a4b-5c6d7e8f9a0}",
                                           "0189a5c0-1b2d-7e3f-8a4b-5c6d7e8f9a b",
                                           std::string("0189a5c0-1b2d-7e3f-8a4b-5c6d7e8f9a0\0", 36),
                                           std::string(100'000, 'a')));

TEST(Ids, DeriveTheSameEventIdForTheSamePlace) {
  const CommitId commit = *CommitId::Parse(kText);
  EXPECT_EQ(DeriveEventId(commit, 3), DeriveEventId(commit, 3));
}

// Stored events are found by these: they must never change.
TEST(Ids, DeriveTheseEventIds) {
  const auto derived = [](absl::string_view commit, uint32_t index) {
    return DeriveEventId(*CommitId::Parse(commit), index).ToString();
  };
  EXPECT_EQ(derived("018f0000-0000-7000-8000-000000000001", 0),
            "018f0000-0000-7000-8000-000001000001");
  EXPECT_EQ(derived("018f0000-0000-7000-8000-0123456789ab", 0xFE),
            "018f0000-0000-7000-8000-0124446789ab");
  EXPECT_EQ(derived("018f0000-0000-7000-bfff-ffffffffffff", 0),
            "018f0000-0000-7000-8000-000000ffffff");
}

TEST(Ids, DeriveDistinctEventIdsWithinACommit) {
  const CommitId commit = *CommitId::Parse(kText);
  std::set<EventId> derived;
  for (uint32_t i = 0; i < 10'000; ++i) derived.insert(DeriveEventId(commit, i));
  EXPECT_EQ(derived.size(), 10'000u);
  EXPECT_EQ(derived.count(EventId{commit.bytes}), 0u);
}

TEST(Ids, DeriveAscendingEventIds) {
  const CommitId commit = *CommitId::Parse(kText);
  for (uint32_t i = 0; i < 10'000; ++i) {
    ASSERT_LT(DeriveEventId(commit, i), DeriveEventId(commit, i + 1));
  }
}

TEST(Ids, DeriveEventIdsOfTheSameVersionAndVariant) {
  const CommitId commit = *CommitId::Parse("0189a5c0-1b2d-7e3f-bfff-ffffffffffff");
  EXPECT_EQ(DeriveEventId(commit, 0).ToString(), "0189a5c0-1b2d-7e3f-8000-000000ffffff");
}

TEST(Ids, DeriveDistinctEventIdsForDistinctCommits) {
  CommitId other = *CommitId::Parse(kText);
  other.bytes[0] ^= 1;
  EXPECT_NE(DeriveEventId(*CommitId::Parse(kText), 0), DeriveEventId(other, 0));
}

TEST(StrongNumbers, CountOn) {
  EXPECT_EQ(Position(4).Next(), Position(5));
  EXPECT_EQ(Position(4).Plus(10), Position(14));
  EXPECT_LT(Revision(1), Revision(2));
}

TEST(StrongNumbers, HashByTheirValue) {
  const absl::flat_hash_set<Position> set = {Position(1), Position(2), Position(1)};
  EXPECT_EQ(set.size(), 2u);
}

}  // namespace
}  // namespace nexus
