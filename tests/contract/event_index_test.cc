// What every index must do: each case runs against the one in memory and the one on RocksDB.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/tagged_log.h"
#include "nexus/core/errors.h"
#include "storage/memory/memory_event_index.h"
#include "storage/rocksdb/rocks_event_index.h"
#include "storage/temporary_folder.h"

namespace nexus::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = IndexTerm::Kind;

class IndexUnderTest {
 public:
  virtual ~IndexUnderTest() = default;
  virtual EventIndex& index() = 0;
};

class MemoryIndexUnderTest : public IndexUnderTest {
 public:
  EventIndex& index() override { return index_; }

 private:
  storage::MemoryEventIndex index_;
};

class RocksIndexUnderTest : public IndexUnderTest {
 public:
  RocksIndexUnderTest() {
    auto database = storage::DerivedDatabase::Open(folder_.path());
    if (!database.ok()) std::abort();
    database_ = *std::move(database);
    // Few and short blocks: their edges are reached by the cases.
    storage::RocksEventIndexOptions options;
    options.incarnation = 1;
    options.cached_terms_max = 4;
    options.block_events_max = 3;
    auto opened = storage::RocksEventIndex::Open(*database_, options);
    if (!opened.ok()) std::abort();
    index_ = *std::move(opened);
  }
  EventIndex& index() override { return *index_; }

 private:
  storage::TemporaryFolder folder_;
  std::unique_ptr<storage::DerivedDatabase> database_;
  std::unique_ptr<storage::RocksEventIndex> index_;
};

struct IndexKind {
  std::string name;
  std::function<std::unique_ptr<IndexUnderTest>()> make;
};
void PrintTo(const IndexKind& kind, std::ostream* out) { *out << kind.name; }

class EventIndexContract : public ::testing::TestWithParam<IndexKind> {
 protected:
  EventIndex& index() { return under_test_->index(); }

  // Indexes what is new in the log, at most `max` events of it.
  void AddNew(size_t max = 1'000) {
    const auto page = log_.ReadAll(index().IndexedTo().Next(), Direction::kForward, {max, 1 << 30});
    ASSERT_TRUE(page.ok()) << page.status();
    const absl::Status added = index().Add(page->events);
    ASSERT_TRUE(added.ok()) << added;
  }
  std::vector<uint64_t> Find(Kind kind, const std::string& text, uint64_t first, uint64_t last,
                             Direction direction = Direction::kForward, size_t max = 1'000) {
    const auto found =
        index().Find({kind, text}, {Position(first), Position(last)}, direction, max);
    EXPECT_TRUE(found.ok()) << found.status();
    std::vector<uint64_t> numbers;
    if (found.ok()) {
      for (const Position position : *found) numbers.push_back(position.value);
    }
    return numbers;
  }

  fake::TaggedLog log_;
  const std::unique_ptr<IndexUnderTest> under_test_ = GetParam().make();
};

TEST_P(EventIndexContract, IsEmptyAtFirst) {
  EXPECT_EQ(index().IndexedTo(), Position(0));
  EXPECT_THAT(Find(Kind::kType, "placed", 1, 0), IsEmpty());
}

TEST_P(EventIndexContract, FindsAnEventByEachOfItsTerms) {
  log_.Append(
      {{.stream = "order-7", .type = "placed", .tags = {"eu", "vip"}, .correlation_id = "c1"}});
  AddNew();
  EXPECT_EQ(index().IndexedTo(), Position(1));
  EXPECT_THAT(Find(Kind::kCategory, "order", 1, 1), ElementsAre(1));
  EXPECT_THAT(Find(Kind::kType, "placed", 1, 1), ElementsAre(1));
  EXPECT_THAT(Find(Kind::kTag, "eu", 1, 1), ElementsAre(1));
  EXPECT_THAT(Find(Kind::kTag, "vip", 1, 1), ElementsAre(1));
  EXPECT_THAT(Find(Kind::kCorrelation, "c1", 1, 1), ElementsAre(1));
}

TEST_P(EventIndexContract, TellsTermsApart) {
  log_.Append({{.stream = "a-1", .type = "ab", .tags = {"b", "ba"}, .correlation_id = "a"}});
  AddNew();
  for (const Kind kind : {Kind::kCategory, Kind::kType, Kind::kTag, Kind::kCorrelation}) {
    for (const char* text : {"", "a", "b", "ab", "ba", "abc"}) {
      const std::string term(text);
      const bool there = (kind == Kind::kCategory && term == "a") ||
                         (kind == Kind::kType && term == "ab") ||
                         (kind == Kind::kTag && (term == "b" || term == "ba")) ||
                         (kind == Kind::kCorrelation && term == "a");
      EXPECT_EQ(Find(kind, term, 1, 1).size(), there ? 1u : 0u)
          << static_cast<int>(kind) << " " << term;
    }
  }
}

TEST_P(EventIndexContract, LeavesCorrelationByTheOwnCommitToTheLog) {
  log_.Append({{}});
  AddNew();
  EXPECT_THAT(Find(Kind::kCorrelation, fake::CommitIdOf(1).ToString(), 1, 1), IsEmpty());
  log_.Append({{.correlation_id = fake::CommitIdOf(1).ToString()}});
  AddNew();
  EXPECT_THAT(Find(Kind::kCorrelation, fake::CommitIdOf(1).ToString(), 1, 2), ElementsAre(2));
}

TEST_P(EventIndexContract, FindsWithinTheRangeInEitherDirectionUpToTheMaximum) {
  for (int i = 0; i < 10; ++i) log_.Append({{.type = i % 2 == 0 ? "even" : "odd"}});
  AddNew();
  EXPECT_THAT(Find(Kind::kType, "odd", 1, 10), ElementsAre(2, 4, 6, 8, 10));
  EXPECT_THAT(Find(Kind::kType, "odd", 4, 8), ElementsAre(4, 6, 8));
  EXPECT_THAT(Find(Kind::kType, "odd", 5, 7), ElementsAre(6));
  EXPECT_THAT(Find(Kind::kType, "odd", 5, 5), IsEmpty());
  EXPECT_THAT(Find(Kind::kType, "odd", 3, 9, Direction::kBackward), ElementsAre(8, 6, 4));
  EXPECT_THAT(Find(Kind::kType, "odd", 1, 10, Direction::kForward, 2), ElementsAre(2, 4));
  EXPECT_THAT(Find(Kind::kType, "odd", 1, 10, Direction::kBackward, 2), ElementsAre(10, 8));
}

TEST_P(EventIndexContract, RefusesToAnswerBeyondWhatItKnows) {
  log_.Append({{}});
  AddNew();
  EXPECT_EQ(ReasonOf(index()
                         .Find({Kind::kType, "placed"}, {Position(1), Position(2)},
                               Direction::kForward, 1)
                         .status()),
            ErrorReason::kNotReady);
}

TEST_P(EventIndexContract, RefusesAGap) {
  log_.Append({{}, {}});
  const auto page = log_.ReadAll(Position(2), Direction::kForward, {});
  EXPECT_FALSE(index().Add(page->events).ok());
  EXPECT_EQ(index().IndexedTo(), Position(0));
}

TEST_P(EventIndexContract, ForgetsEverythingWhenCleared) {
  log_.Append({{}});
  AddNew();
  ASSERT_TRUE(index().Clear().ok());
  EXPECT_EQ(index().IndexedTo(), Position(0));
  log_.Append({{.type = "paid"}});
  AddNew();
  EXPECT_THAT(Find(Kind::kType, "placed", 1, 2), ElementsAre(1));
  EXPECT_THAT(Find(Kind::kType, "paid", 1, 2), ElementsAre(2));
}

TEST_P(EventIndexContract, TakesTextsOfEveryKindOfByte) {
  const std::string longest(255, 'x');
  log_.Append({{.tags = {std::string("\0", 1), "\xff", "ä", longest}}});
  AddNew();
  for (const std::string& tag :
       {std::string("\0", 1), std::string("\xff"), std::string("ä"), longest}) {
    EXPECT_THAT(Find(Kind::kTag, tag, 1, 1), ElementsAre(1));
  }
}

// Batches of every size, terms of every frequency: blocks begin, grow, split and are left behind.
TEST_P(EventIndexContract, FindsWhatALookAtEveryEventFinds) {
  std::mt19937 random(7);
  std::vector<std::vector<std::string>> tags_at = {{}};
  for (int round = 0; round < 60; ++round) {
    const size_t events = 1 + random() % 20;
    for (size_t i = 0; i < events; ++i) {
      std::vector<std::string> tags = {"all"};
      if (random() % 3 == 0) tags.push_back("some");
      if (random() % 40 == 0) tags.push_back("rare");
      tags.push_back(absl::StrCat("t", random() % 12));
      log_.Append({{.tags = tags}});
      tags_at.push_back(tags);
    }
    while (index().IndexedTo() < log_.Head()) AddNew(1 + random() % 9);
    for (const char* tag : {"all", "some", "rare", "t3", "none"}) {
      const uint64_t first = 1 + random() % tags_at.size();
      const uint64_t last = random() % tags_at.size();
      std::vector<uint64_t> wanted;
      for (uint64_t at = first; at <= last; ++at) {
        for (const std::string& has : tags_at[at]) {
          if (has == tag) wanted.push_back(at);
        }
      }
      ASSERT_EQ(Find(Kind::kTag, tag, first, last), wanted) << tag;
      std::reverse(wanted.begin(), wanted.end());
      ASSERT_EQ(Find(Kind::kTag, tag, first, last, Direction::kBackward), wanted) << tag;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Indexes, EventIndexContract,
    ::testing::Values(IndexKind{"Memory", [] { return std::make_unique<MemoryIndexUnderTest>(); }},
                      IndexKind{"Rocks", [] { return std::make_unique<RocksIndexUnderTest>(); }}),
    [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace nexus::contract
