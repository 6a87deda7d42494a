#include <algorithm>

#include "absl/strings/str_cat.h"
#include "contract/event_log_contract.h"

namespace nexus::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr size_t kBytes = 1 << 30;  // more than a page of these tests
// 1 a@0  2 b@0  3 a@1 | 4 a@2 | 5 b@1 6 b@2 | 7 a@3
class EventLogReadContract : public EventLogContract {
 protected:
  EventLogReadContract() {
    EXPECT_TRUE(Propose(CommitOf(1).Event("a", "1").Event("b", "2").Event("a", "3")).ok());
    EXPECT_TRUE(Propose(CommitOf(2).Event("a", "4")).ok());
    EXPECT_TRUE(Propose(CommitOf(3).Event("b", "5").Event("b", "6")).ok());
    EXPECT_TRUE(Propose(CommitOf(4).Event("a", "7")).ok());
  }

  // Positions of one page of everything, then "end" if it is the last.
  std::vector<std::string> Page(uint64_t from, Direction direction, PageLimits limits) {
    return Short(reader().ReadAll(Position(from), direction, limits));
  }
  std::vector<std::string> StreamPage(const std::string& stream, uint64_t from, Direction direction,
                                      PageLimits limits) {
    return Short(
        reader().ReadStream(StreamName::Literal(stream), Revision(from), direction, limits));
  }

 private:
  static std::vector<std::string> Short(const absl::StatusOr<EventBatch>& page) {
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    EXPECT_EQ(page->head, Position(7));
    std::vector<std::string> out;
    for (const RecordedEvent& event : page->events) out.emplace_back(event.data);
    if (page->end) out.push_back("end");
    return out;
  }
};

constexpr Direction kForward = Direction::kForward;
constexpr Direction kBackward = Direction::kBackward;

TEST_P(EventLogReadContract, PagesThroughEverythingFromEveryPlaceWithEverySize) {
  for (uint64_t from = 1; from <= 7; ++from) {
    for (size_t size = 1; size <= 8; ++size) {
      std::vector<std::string> forward;
      for (uint64_t i = from; i <= std::min<uint64_t>(7, from + size - 1); ++i) {
        forward.push_back(absl::StrCat(i));
      }
      if (from + size - 1 >= 7) forward.push_back("end");
      EXPECT_THAT(Page(from, kForward, {size, kBytes}), ElementsAreArray(forward));

      std::vector<std::string> backward;
      for (uint64_t i = from; i >= 1 && i + size > from; --i) backward.push_back(absl::StrCat(i));
      if (from <= size) backward.push_back("end");
      EXPECT_THAT(Page(from, kBackward, {size, kBytes}), ElementsAreArray(backward));
    }
  }
}

TEST_P(EventLogReadContract, PagesThroughAStreamFromEveryPlaceWithEverySize) {
  const std::vector<std::string> all = {"1", "3", "4", "7"};
  for (size_t from = 0; from < all.size(); ++from) {
    for (size_t size = 1; size <= 5; ++size) {
      std::vector<std::string> forward(all.begin() + from,
                                       all.begin() + std::min(all.size(), from + size));
      if (from + size >= all.size()) forward.push_back("end");
      EXPECT_THAT(StreamPage("a", from, kForward, {size, kBytes}), ElementsAreArray(forward));

      std::vector<std::string> backward;
      for (size_t i = 0; i < size && i <= from; ++i) backward.push_back(all[from - i]);
      if (from < size) backward.push_back("end");
      EXPECT_THAT(StreamPage("a", from, kBackward, {size, kBytes}), ElementsAreArray(backward));
    }
  }
}

TEST_P(EventLogReadContract, AnswersReadsFromBeyondTheEnds) {
  EXPECT_THAT(Page(0, kForward, {2, kBytes}), ElementsAre("1", "2"));
  EXPECT_THAT(Page(8, kForward, {2, kBytes}), ElementsAre("end"));
  EXPECT_THAT(Page(UINT64_MAX, kForward, {2, kBytes}), ElementsAre("end"));
  EXPECT_THAT(Page(0, kBackward, {2, kBytes}), ElementsAre("end"));
  EXPECT_THAT(Page(UINT64_MAX, kBackward, {2, kBytes}), ElementsAre("7", "6"));
  EXPECT_THAT(StreamPage("b", 3, kForward, {2, kBytes}), ElementsAre("end"));
  EXPECT_THAT(StreamPage("b", UINT64_MAX, kForward, {2, kBytes}), ElementsAre("end"));
  EXPECT_THAT(StreamPage("b", UINT64_MAX, kBackward, {2, kBytes}), ElementsAre("6", "5"));
}

TEST_P(EventLogReadContract, StopsAtTheByteLimitButReturnsOneEventAtLeast) {
  EXPECT_THAT(Page(1, kForward, {100, 3}), ElementsAre("1", "2", "3"));
  EXPECT_THAT(Page(1, kForward, {100, 0}), ElementsAre("1"));
  EXPECT_THAT(Page(1, kForward, {0, 0}), ElementsAre("1"));
  EXPECT_THAT(Page(7, kBackward, {100, 2}), ElementsAre("7", "6"));
  EXPECT_THAT(StreamPage("a", 0, kForward, {100, 1}), ElementsAre("1"));
  EXPECT_THAT(StreamPage("a", 3, kBackward, {0, 0}), ElementsAre("7"));
}

TEST_P(EventLogReadContract, KeepsAPageReadableWhileTheLogGrows) {
  const auto page = reader().ReadAll(Position(1), kForward, PageLimits());
  ASSERT_TRUE(page.ok());
  for (uint64_t id = 100; id < 150; ++id) ASSERT_TRUE(Propose(CommitOf(id).Events("a", 9)).ok());
  EXPECT_THAT(ToTexts(*page), ElementsAre("1 a@0 1", "2 b@0 2", "3 a@1 3", "4 a@2 4", "5 b@1 5",
                                          "6 b@2 6", "7 a@3 7"));
}

TEST_P(EventLogReadContract, DescribesAStream) {
  const auto info = reader().GetStream(StreamName::Literal("b"));
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->name, "b");
  EXPECT_EQ(info->last_revision, Revision(2));
  EXPECT_EQ(info->first_position, Position(2));
  EXPECT_EQ(info->last_position, Position(6));
}

TEST_P(EventLogReadContract, DistinguishesAMissingStreamFromAnEmptyAnswer) {
  const StreamName missing = StreamName::Literal("nowhere");
  EXPECT_EQ(ReasonOf(reader().GetStream(missing).status()), ErrorReason::kStreamNotFound);
  for (const Direction direction : {kForward, kBackward}) {
    EXPECT_EQ(ReasonOf(reader().ReadStream(missing, Revision(0), direction, PageLimits()).status()),
              ErrorReason::kStreamNotFound);
  }
}

TEST_P(EventLogContract, AnswersReadsOfAnEmptyLog) {
  EXPECT_EQ(reader().Head(), Position(0));
  for (const Direction direction : {kForward, kBackward}) {
    const auto page = reader().ReadAll(Position(1), direction, PageLimits());
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_THAT(page->events, IsEmpty());
    EXPECT_TRUE(page->end);
  }
  EXPECT_TRUE(reader().ListStreams(StreamQuery())->end);
}

StreamQuery Query(const std::string& prefix = "", const std::string& category = "",
                  bool include_system = false, size_t limit = 100) {
  StreamQuery query;
  query.name_prefix = prefix;
  query.category = category;
  query.include_system = include_system;
  query.limit = limit;
  return query;
}

StreamQuery After(const std::string& name) {
  StreamQuery query;
  query.after = name;
  return query;
}

class EventLogListContract : public EventLogContract {
 protected:
  EventLogListContract() {
    CommitOf commit(1);
    for (const char* name :
         {"$system-1", "a", "order", "order!", "order-1", "order-2", "order-é", "orderly", "z-1"}) {
      commit.Event(name, "x");
    }
    EXPECT_TRUE(Propose(commit).ok());
    EXPECT_TRUE(Propose(CommitOf(2).Tenant(1).Event("order-9", "x")).ok());
  }

  // Names page by page, "|" behind each page.
  std::string Names(StreamQuery query) {
    std::string out;
    while (true) {
      const auto page = reader().ListStreams(query);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return out;
      for (const StreamInfo& stream : page->streams) absl::StrAppend(&out, stream.name, " ");
      absl::StrAppend(&out, "|");
      if (page->end || page->streams.empty()) return out;
      query.after = page->streams.back().name;
    }
  }
};

TEST_P(EventLogListContract, ListsStreamsByName) {
  EXPECT_EQ(Names(Query()), "a order order! order-1 order-2 order-é orderly z-1 |");
}

TEST_P(EventLogListContract, ListsSystemStreamsOnlyWhenAsked) {
  EXPECT_EQ(Names(Query("", "", true)),
            "$system-1 a order order! order-1 order-2 order-é orderly z-1 |");
  EXPECT_EQ(Names(Query("$")), "|");
  EXPECT_EQ(Names(Query("$s", "", true)), "$system-1 |");
}

TEST_P(EventLogListContract, ListsACategory) {
  EXPECT_EQ(Names(Query("", "order")), "order order-1 order-2 order-é |");
  EXPECT_EQ(Names(Query("", "orde")), "|");
  EXPECT_EQ(Names(Query("", "order-1")), "|");
  EXPECT_EQ(Names(Query("", "$system", true)), "$system-1 |");
}

TEST_P(EventLogListContract, ListsAPrefixWithinACategory) {
  EXPECT_EQ(Names(Query("order-", "order")), "order-1 order-2 order-é |");
  EXPECT_EQ(Names(Query("z", "order")), "|");
  EXPECT_EQ(Names(Query("o", "order")), "order order-1 order-2 order-é |");
}

TEST_P(EventLogListContract, PagesThroughNames) {
  EXPECT_EQ(Names(Query("", "", false, 3)),
            "a order order! |order-1 order-2 order-é |orderly z-1 |");
  EXPECT_EQ(Names(Query("order", "", false, 6)), "order order! order-1 order-2 order-é orderly |");
  EXPECT_EQ(Names(Query("", "order", false, 1)), "order |order-1 |order-2 |order-é |");
  EXPECT_EQ(Names(Query("", "order", false, 0)), "order |order-1 |order-2 |order-é |");
  EXPECT_EQ(Names(After("zz")), "|");
}

const auto kKinds =
    ::testing::Values(LogKind{"memory", MakeMemoryLog}, LogKind{"rocksdb", MakeRocksLog});
const auto kNameOf = [](const auto& kind) { return kind.param.name; };

INSTANTIATE_TEST_SUITE_P(Logs, EventLogContract, kKinds, kNameOf);
INSTANTIATE_TEST_SUITE_P(Logs, EventLogReadContract, kKinds, kNameOf);
INSTANTIATE_TEST_SUITE_P(Logs, EventLogListContract, kKinds, kNameOf);

}  // namespace
}  // namespace nexus::contract
