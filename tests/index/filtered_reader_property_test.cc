// A filtered reader gives what a look at every event gives: random logs, filters, index lags,
// directions, bounds and limits.

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/tagged_log.h"
#include "gtest/gtest.h"
#include "index/filtered_reader.h"
#include "storage/memory/memory_event_index.h"

namespace nexus::index {
namespace {

class Chance {
 public:
  explicit Chance(uint32_t seed) : random_(seed) {}

  uint64_t Below(uint64_t n) { return random_() % n; }
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  std::string Word(const std::string& stem, uint64_t kinds) {
    return absl::StrCat(stem, Below(kinds));
  }
  std::vector<std::string> Words(const std::string& stem, uint64_t kinds, uint64_t max) {
    std::vector<std::string> words;
    for (uint64_t n = Below(max + 1); n > 0; --n) words.push_back(Word(stem, kinds));
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
  }

 private:
  std::mt19937 random_;
};

void Fill(fake::TaggedLog& log, Chance& chance, size_t commits) {
  for (size_t i = 0; i < commits; ++i) {
    std::vector<fake::TaggedEvent> events;
    for (uint64_t n = 1 + chance.Below(4); n > 0; --n) {
      fake::TaggedEvent event;
      event.stream =
          chance.OneIn(10) ? "$schemas" : absl::StrCat(chance.Word("c", 3), "-", chance.Below(3));
      event.type = chance.Word("type", 5);
      event.tags = chance.Words("tag", 8, 3);
      if (chance.OneIn(3)) event.correlation_id = fake::CommitIdOf(1 + chance.Below(20)).ToString();
      events.push_back(event);
    }
    log.Append(events);
  }
}

FilterItem SomeItem(Chance& chance) {
  FilterItem item;
  if (chance.OneIn(2)) item.tags = chance.Words("tag", 8, 2);
  if (chance.OneIn(3)) item.types = chance.Words("type", 6, 2);
  if (chance.OneIn(4)) item.categories = chance.Words("c", 4, 2);
  if (chance.OneIn(6)) {
    item.correlation_ids = {fake::CommitIdOf(1 + chance.Below(40)).ToString()};
  }
  if (chance.OneIn(6)) item.stream_prefixes = {chance.Word("c", 3), "$"};
  if (chance.OneIn(8)) item.type_prefixes = {chance.Word("type", 5)};
  return item;
}

Selection SomeSelection(Chance& chance) {
  Selection selection;
  for (uint64_t n = chance.Below(4); n > 0; --n) {
    selection.filter.items.push_back(SomeItem(chance));
  }
  selection.exclude_system = chance.OneIn(3);
  return selection;
}

std::vector<uint64_t> LookAtAll(fake::TaggedLog& log, const Selection& selection,
                                PositionRange range, Direction direction) {
  std::vector<uint64_t> found;
  const auto page = log.ReadAll(Position(1), Direction::kForward, {1'000'000, 1 << 30});
  for (const RecordedEvent& event : page->events) {
    const bool within = event.position >= range.first && event.position <= range.last;
    if (within && selection.Matches(event)) found.push_back(event.position.value);
  }
  if (direction == Direction::kBackward) std::reverse(found.begin(), found.end());
  return found;
}

class FilteredReaderPropertyTest : public ::testing::TestWithParam<uint32_t> {
 protected:
  void IndexTo(Position to) {
    while (index_.IndexedTo() < to) {
      const auto page =
          log_.ReadAll(index_.IndexedTo().Next(), Direction::kForward,
                       {static_cast<size_t>(to.value - index_.IndexedTo().value), 1 << 30});
      ASSERT_TRUE(index_.Add(page->events).ok());
    }
  }

  // Every page, one behind the other; checks that each moves and that nothing lies out of order.
  std::vector<uint64_t> ReadPages(FilteredReader& reader, const Selection& selection,
                                  PositionRange range, Direction direction, PageLimits limits) {
    std::vector<uint64_t> found;
    const bool forward = direction == Direction::kForward;
    while (true) {
      const auto page = reader.Page(selection, range, direction, limits);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return found;
      EXPECT_LE(page->batch.events.size(), limits.events_max);
      for (const RecordedEvent& event : page->batch.events) {
        found.push_back(event.position.value);
        EXPECT_TRUE(forward ? event.position <= page->scanned_to
                            : event.position >= page->scanned_to);
      }
      if (page->batch.end) return found;
      const bool moved = forward ? page->scanned_to >= range.first : page->scanned_to <= range.last;
      EXPECT_TRUE(moved) << page->scanned_to.value;
      if (!moved) return found;
      if (forward) {
        range.first = page->scanned_to.Next();
      } else {
        range.last = Position(page->scanned_to.value - 1);
      }
      // The index comes on between the pages, or vanishes.
      if (chance_.OneIn(4)) IndexTo(Position(chance_.Below(log_.Head().value + 1)));
      if (chance_.OneIn(40)) {
        EXPECT_TRUE(index_.Clear().ok());
      }
    }
  }

  Chance chance_{GetParam()};
  fake::TaggedLog log_;
  storage::MemoryEventIndex index_;
};

TEST_P(FilteredReaderPropertyTest, GivesWhatALookAtEveryEventGives) {
  Fill(log_, chance_, 20 + chance_.Below(120));
  const uint64_t head = log_.Head().value;
  for (int round = 0; round < 150; ++round) {
    if (chance_.OneIn(20)) {
      ASSERT_TRUE(index_.Clear().ok());
    }
    IndexTo(Position(chance_.Below(head + 1)));
    FilteredReaderOptions options;
    options.looked_at_max = chance_.OneIn(2) ? 1 + chance_.Below(60) : 100'000;
    options.scan_page.events_max = 1 + chance_.Below(30);
    FilteredReader reader({log_, log_, index_}, options);
    const Selection selection = SomeSelection(chance_);
    const PositionRange range{Position(chance_.Below(head + 3)),
                              Position(chance_.Below(head + 10))};
    const PageLimits limits{1 + chance_.Below(20), 1 << 20};
    for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
      ASSERT_EQ(ReadPages(reader, selection, range, direction, limits),
                LookAtAll(log_, selection, range, direction))
          << "round " << round << ", range " << range.first.value << " to " << range.last.value;
    }
    const std::vector<uint64_t> all =
        LookAtAll(log_, {selection.filter}, {range.first.Next(), range.last}, Direction::kForward);
    const auto first = reader.FirstMatch(selection.filter, range.first, range.last);
    ASSERT_TRUE(first.ok());
    ASSERT_EQ(first->has_value(), !all.empty());
    if (!all.empty()) {
      ASSERT_EQ((*first)->value, all.front());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, FilteredReaderPropertyTest, ::testing::Range(1u, 16u));

}  // namespace
}  // namespace nexus::index
