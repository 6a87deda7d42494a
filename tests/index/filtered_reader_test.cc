#include "index/filtered_reader.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/recording_metrics.h"
#include "fake/tagged_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "storage/memory/memory_event_index.h"

namespace nexus::index {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Counts the events that were read, to tell an index at work from a scan.
class CountingLog : public fake::TaggedLog {
 public:
  absl::StatusOr<EventBatch> ReadAll(Position from, Direction direction,
                                     PageLimits limits) override {
    return Count(TaggedLog::ReadAll(from, direction, limits));
  }
  absl::StatusOr<EventBatch> ReadAt(absl::Span<const Position> positions,
                                    PageLimits limits) override {
    return Count(TaggedLog::ReadAt(positions, limits));
  }

  size_t events_read = 0;

 private:
  absl::StatusOr<EventBatch> Count(absl::StatusOr<EventBatch> page) {
    if (page.ok()) events_read += page->events.size();
    return page;
  }
};

class BrokenIndex : public storage::MemoryEventIndex {
 public:
  absl::StatusOr<std::vector<Position>> Find(const IndexTerm&, PositionRange, Direction,
                                             size_t) override {
    return MakeError(ErrorReason::kDataLoss, "a damaged row in the index");
  }
};

// As one that is cleared between two looks at it.
class ClearedIndex : public storage::MemoryEventIndex {
 public:
  absl::StatusOr<std::vector<Position>> Find(const IndexTerm&, PositionRange, Direction,
                                             size_t) override {
    return MakeError(ErrorReason::kNotReady, "position 1 is not indexed yet");
  }
};

FilteredReaderOptions SmallWork() {
  FilteredReaderOptions options;
  options.looked_at_max = 100;
  options.scan_page.events_max = 20;
  return options;
}

class FilteredReaderTest : public ::testing::Test {
 protected:
  void Fill(size_t events, size_t rare_every) {
    for (size_t i = 1; i <= events; ++i) {
      std::vector<std::string> tags = {"common"};
      if (i % rare_every == 0) tags.push_back("rare");
      log_.Append({{.tags = tags}});
    }
  }
  void Index(EventIndex& index) {
    const auto page =
        log_.TaggedLog::ReadAll(index.IndexedTo().Next(), Direction::kForward, {100'000, 1 << 30});
    ASSERT_TRUE(index.Add(page->events).ok());
  }
  static Selection Tag(const std::string& tag) {
    Selection selection;
    selection.filter.items.push_back({.tags = {tag}});
    return selection;
  }
  std::vector<uint64_t> Page(FilteredReader& reader, const Selection& selection,
                             uint64_t from = 1) {
    auto page = reader.Page(selection, {Position(from), Position(UINT64_MAX)}, Direction::kForward,
                            {100, 1 << 20});
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<uint64_t> found;
    if (!page.ok()) return found;
    for (const RecordedEvent& event : page->batch.events) found.push_back(event.position.value);
    scanned_to_ = page->scanned_to.value;
    end_ = page->batch.end;
    return found;
  }

  CountingLog log_;
  storage::MemoryEventIndex index_;
  uint64_t scanned_to_ = 0;
  bool end_ = false;
};

TEST_F(FilteredReaderTest, ReadsOnlyWhatTheIndexNames) {
  Fill(1'000, 400);
  Index(index_);
  FilteredReader reader({log_, log_, index_});
  EXPECT_THAT(Page(reader, Tag("rare")), ElementsAre(400, 800));
  EXPECT_EQ(log_.events_read, 2u);
  EXPECT_EQ(scanned_to_, 1'000u);
  EXPECT_TRUE(end_);
}

TEST_F(FilteredReaderTest, LooksAtTheLogBeyondTheIndex) {
  Fill(100, 30);
  Index(index_);
  Fill(35, 30);
  FilteredReader reader({log_, log_, index_});
  EXPECT_THAT(Page(reader, Tag("rare")), ElementsAre(30, 60, 90));
  EXPECT_THAT(Page(reader, Tag("rare"), scanned_to_ + 1), ElementsAre(130));
  EXPECT_TRUE(end_);
}

TEST_F(FilteredReaderTest, IntersectsTagsWithoutReadingTheirEvents) {
  for (int i = 0; i < 500; ++i) log_.Append({{.tags = {"a"}}, {.tags = {"b"}}});
  log_.Append({{.tags = {"a", "b"}}});
  Index(index_);
  Selection both;
  both.filter.items.push_back({.tags = {"a", "b"}});
  FilteredReader reader({log_, log_, index_});
  EXPECT_THAT(Page(reader, both), ElementsAre(1'001));
  EXPECT_EQ(log_.events_read, 1u);
}

TEST_F(FilteredReaderTest, GivesAPageWithoutEventsAfterABoundedLook) {
  Fill(1'000, 2'000);
  FilteredReader reader({log_, log_, index_}, SmallWork());
  EXPECT_THAT(Page(reader, Tag("rare")), IsEmpty());
  EXPECT_EQ(scanned_to_, 100u);
  EXPECT_EQ(log_.events_read, 100u);
  EXPECT_FALSE(end_);
}

TEST_F(FilteredReaderTest, PassesALongStretchWithoutAMatchAtOnceWithAnIndex) {
  Fill(1'000, 2'000);
  Index(index_);
  FilteredReader reader({log_, log_, index_}, SmallWork());
  EXPECT_THAT(Page(reader, Tag("rare")), IsEmpty());
  EXPECT_EQ(scanned_to_, 1'000u);
  EXPECT_EQ(log_.events_read, 0u);
}

TEST_F(FilteredReaderTest, ScansForPrefixes) {
  Fill(10, 4);
  Index(index_);
  Selection selection;
  selection.filter.items.push_back({.stream_prefixes = {"order-"}});
  FilteredReader reader({log_, log_, index_});
  EXPECT_EQ(Page(reader, selection).size(), 10u);
}

TEST_F(FilteredReaderTest, ReadsTheLogInPlaceOfADamagedIndex) {
  Fill(100, 40);
  BrokenIndex broken;
  Index(broken);
  FilteredReader reader({log_, log_, broken});
  EXPECT_THAT(Page(reader, Tag("rare")), ElementsAre(40, 80));
}

TEST_F(FilteredReaderTest, CountsFailuresOfTheIndexButNotThatItIsBuiltAgain) {
  Fill(100, 40);
  fake::RecordingMetrics metrics;
  BrokenIndex broken;
  Index(broken);
  FilteredReader reader({log_, log_, broken, &IndexFailures(metrics)});
  EXPECT_EQ(Page(reader, Tag("rare")).size(), 2u);
  EXPECT_EQ(metrics.Value("nexus_index_read_failures_total"), 1);
  ClearedIndex cleared;
  Index(cleared);
  FilteredReader other({log_, log_, cleared, &IndexFailures(metrics)});
  EXPECT_EQ(Page(other, Tag("rare")).size(), 2u);
  EXPECT_EQ(metrics.Value("nexus_index_read_failures_total"), 1);
}

TEST_F(FilteredReaderTest, TellsAFaultOfTheLogItself) {
  Fill(10, 2);
  Index(index_);
  log_.Append({{}});
  // An index of another log: it names an event that matches and one that is not there.
  fake::TaggedLog shorter;
  shorter.Append({{.tags = {"rare"}}});
  FilteredReader reader({shorter, shorter, index_});
  const auto page = reader.Page(Tag("rare"), {Position(1), Position(10)}, Direction::kForward, {});
  ASSERT_TRUE(page.ok()) << "nothing beyond the head is asked for";
  EXPECT_EQ(page->scanned_to, Position(1));
}

TEST_F(FilteredReaderTest, FindsTheEventsOfACommitByItsIdAsCorrelationId) {
  log_.Append({{}, {.correlation_id = "other"}, {}});
  log_.Append({{.correlation_id = fake::CommitIdOf(1).ToString()}});
  Index(index_);
  Selection selection;
  selection.filter.items.push_back({.correlation_ids = {fake::CommitIdOf(1).ToString()}});
  FilteredReader reader({log_, log_, index_});
  EXPECT_THAT(Page(reader, selection), ElementsAre(1, 3, 4));
}

TEST_F(FilteredReaderTest, AnswersForAnEmptyRange) {
  FilteredReader reader({log_, log_, index_});
  EXPECT_THAT(Page(reader, Tag("rare"), 5), IsEmpty());
  EXPECT_EQ(scanned_to_, 4u);
  EXPECT_TRUE(end_);
}

TEST_F(FilteredReaderTest, FindsTheFirstMatchAfterAPositionAndUpToAnother) {
  Fill(100, 30);
  Index(index_);
  FilteredReader reader({log_, log_, index_});
  const EventFilter rare = Tag("rare").filter;
  EXPECT_EQ(*reader.FirstMatch(rare, Position(0), Position(100)), Position(30));
  EXPECT_EQ(*reader.FirstMatch(rare, Position(30), Position(100)), Position(60));
  EXPECT_EQ(*reader.FirstMatch(rare, Position(90), Position(100)), std::nullopt);
  EXPECT_EQ(*reader.FirstMatch(rare, Position(30), Position(59)), std::nullopt);
  EXPECT_EQ(*reader.FirstMatch(rare, Position(30), Position(60)), Position(60));
  EXPECT_EQ(*reader.FirstMatch({}, Position(7), Position(9)), Position(8));
  EXPECT_EQ(*reader.FirstMatch({}, Position(100), Position(900)), std::nullopt);
}

}  // namespace
}  // namespace nexus::index
