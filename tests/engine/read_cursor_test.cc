#include "engine/read_cursor.h"

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/tagged_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "storage/memory/memory_event_index.h"

namespace nexus::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

EventFilter Tagged(const std::string& tag) {
  EventFilter filter;
  filter.items.push_back({.tags = {tag}});
  return filter;
}

class ReadCursorTest : public ::testing::Test {
 protected:
  // Events 1 to 12, a second apart: odd ones of order-1, even ones of order-2; every third is "a".
  ReadCursorTest() {
    for (int i = 1; i <= 12; ++i) {
      log_.Append(
          {{.stream = i % 2 == 1 ? "order-1" : "order-2",
            .tags = i % 3 == 0 ? std::vector<std::string>{"a"} : std::vector<std::string>()}});
    }
    const auto page = log_.ReadAll(Position(1), Direction::kForward, {7, 1 << 20});
    EXPECT_TRUE(index_.Add(page->events).ok());
  }

  std::vector<uint64_t> Read(const ReadQuery& query, PageLimits limits = {5, 1 << 20}) {
    std::vector<uint64_t> found;
    checkpoint_.reset();
    auto cursor = ReadCursor::Open(log_, filtered_, query, limits);
    EXPECT_TRUE(cursor.ok()) << cursor.status();
    while (cursor.ok()) {
      const auto page = cursor->Next();
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok() || !page->has_value()) break;
      for (const RecordedEvent& event : (*page)->batch.events) {
        found.push_back(event.position.value);
      }
      checkpoint_ = (*page)->checkpoint;
    }
    return found;
  }

  fake::TaggedLog log_;
  storage::MemoryEventIndex index_;
  index::FilteredReader filtered_{{log_, log_, index_}};
  std::optional<uint64_t> checkpoint_;
};

TEST_F(ReadCursorTest, EndsWithACheckpointAtTheHead) {
  EXPECT_EQ(Read({}).size(), 12u);
  EXPECT_EQ(checkpoint_, 12u);
  EXPECT_THAT(Read({.filter = Tagged("none")}), IsEmpty());
  EXPECT_EQ(checkpoint_, 12u);
}

TEST_F(ReadCursorTest, FiltersTheWholeLogInBothDirections) {
  EXPECT_THAT(Read({.filter = Tagged("a")}), ElementsAre(3, 6, 9, 12));
  EXPECT_THAT(Read({.direction = Direction::kBackward, .filter = Tagged("a")}),
              ElementsAre(12, 9, 6, 3));
  EXPECT_EQ(checkpoint_, 1u);
}

TEST_F(ReadCursorTest, FiltersOneStreamInBothDirections) {
  EXPECT_THAT(Read({.stream = "order-1", .filter = Tagged("a")}), ElementsAre(3, 9));
  EXPECT_EQ(checkpoint_, 5u);
  EXPECT_THAT(Read({.stream = "order-1", .direction = Direction::kBackward, .filter = Tagged("a")}),
              ElementsAre(9, 3));
  EXPECT_EQ(checkpoint_, 0u);
}

TEST_F(ReadCursorTest, ReadsFromAPlaceToAnother) {
  EXPECT_THAT(Read({.from = 4, .to = 7}), ElementsAre(4, 5, 6, 7));
  EXPECT_EQ(checkpoint_, 7u);
  EXPECT_THAT(Read({.from = 7, .to = 4, .direction = Direction::kBackward}),
              ElementsAre(7, 6, 5, 4));
  EXPECT_EQ(checkpoint_, 4u);
  EXPECT_THAT(Read({.stream = "order-2", .from = 1, .to = 2}), ElementsAre(4, 6));
  EXPECT_THAT(Read({.from = 7, .to = 4}), IsEmpty());
  EXPECT_THAT(Read({.from = 99}), IsEmpty());
  EXPECT_EQ(checkpoint_, 12u) << "at most the head";
}

TEST_F(ReadCursorTest, ReadsBetweenTimes) {
  const auto at = [](uint64_t second) { return fake::TaggedLog::TimeOf(second); };
  EXPECT_THAT(Read({.from_time = at(4), .to_time = at(7)}), ElementsAre(4, 5, 6));
  EXPECT_EQ(checkpoint_, 6u);
  EXPECT_THAT(Read({.stream = "order-1", .from_time = at(4), .to_time = at(9)}), ElementsAre(5, 7));
  EXPECT_EQ(checkpoint_, 3u);
  EXPECT_THAT(Read({.from_time = at(100)}), IsEmpty());
  EXPECT_THAT(Read({.to_time = at(0)}), IsEmpty());
  EXPECT_THAT(Read({.stream = "order-1", .to_time = at(0)}), IsEmpty());
  EXPECT_EQ(checkpoint_, std::nullopt) << "no revision stands before the first";
}

TEST_F(ReadCursorTest, EndsAtItsLimitWithTheLastEventAsCheckpoint) {
  EXPECT_THAT(Read({.limit = 2, .filter = Tagged("a")}), ElementsAre(3, 6));
  EXPECT_EQ(checkpoint_, 6u);
  EXPECT_THAT(Read({.stream = "order-1", .limit = 1, .filter = Tagged("a")}), ElementsAre(3));
  EXPECT_EQ(checkpoint_, 1u);
}

TEST_F(ReadCursorTest, GivesOnePageOfAnEmptyLog) {
  fake::TaggedLog empty;
  storage::MemoryEventIndex nothing;
  index::FilteredReader filtered({empty, empty, nothing});
  auto cursor = ReadCursor::Open(empty, filtered, {}, {});
  ASSERT_TRUE(cursor.ok());
  const auto page = cursor->Next();
  ASSERT_TRUE(page.ok() && page->has_value());
  EXPECT_EQ((*page)->checkpoint, 0u);
  EXPECT_FALSE((*cursor->Next()).has_value());
}

TEST_F(ReadCursorTest, TellsAStreamWithoutEventsFromOneWithoutMatches) {
  EXPECT_EQ(ReasonOf(ReadCursor::Open(log_, filtered_, {.stream = "nowhere"}, {}).status()),
            ErrorReason::kStreamNotFound);
}

// Every bound at once, against a look at each event.
TEST_F(ReadCursorTest, HoldsAllBoundsTogether) {
  std::mt19937 random(11);
  const auto maybe = [&random](uint64_t below) {
    return random() % 2 == 0 ? std::optional<uint64_t>(random() % below) : std::nullopt;
  };
  for (int round = 0; round < 2'000; ++round) {
    ReadQuery query;
    if (random() % 2 == 0) query.stream = random() % 2 == 0 ? "order-1" : "order-2";
    query.from = maybe(16);
    query.to = maybe(16);
    if (const auto t = maybe(16)) query.from_time = fake::TaggedLog::TimeOf(*t);
    if (const auto t = maybe(16)) query.to_time = fake::TaggedLog::TimeOf(*t);
    query.direction = random() % 2 == 0 ? Direction::kForward : Direction::kBackward;
    query.limit = random() % 6;
    if (random() % 2 == 0) query.filter = Tagged("a");
    const bool forward = query.direction == Direction::kForward;
    std::vector<uint64_t> wanted;
    const auto everything = log_.ReadAll(forward ? Position(1) : log_.Head(), query.direction, {});
    for (const RecordedEvent& event : everything->events) {
      if (!query.stream.empty() && event.stream != query.stream) continue;
      const uint64_t at = query.stream.empty() ? event.position.value : event.revision.value;
      if (query.from && (forward ? at < *query.from : at > *query.from)) continue;
      if (query.to && (forward ? at > *query.to : at < *query.to)) continue;
      if (query.from_time && event.recorded < *query.from_time) continue;
      if (query.to_time && event.recorded >= *query.to_time) continue;
      if (!query.filter.Matches(event)) continue;
      if (query.limit == 0 || wanted.size() < query.limit) wanted.push_back(event.position.value);
    }
    ASSERT_EQ(Read(query, {1 + random() % 4, 1 << 20}), wanted) << "round " << round;
  }
}

}  // namespace
}  // namespace nexus::engine
