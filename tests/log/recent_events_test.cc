#include "log/recent_events.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"

namespace nexus::log {
namespace {

struct Traits {
  std::string stream = "order-1";
  std::string type = "t";
  std::vector<std::string> tags = {};
  std::string correlation_id = {};
};

Commit CommitWith(const std::vector<Traits>& events, uint32_t tenant = 0) {
  Commit commit;
  commit.tenant = tenant;
  for (const Traits& traits : events) {
    CommitEvent entry;
    entry.stream_index = static_cast<uint32_t>(commit.streams.size());
    commit.streams.push_back({StreamName::Literal(traits.stream), {}});
    entry.event.type = traits.type;
    entry.event.tags = traits.tags;
    entry.event.correlation_id = traits.correlation_id;
    commit.events.push_back(entry);
  }
  return commit;
}

EventFilter OfOneType(const std::string& type) { return {{{.types = {type}}}}; }

// Adds commits and knows where the log ends.
class Ring {
 public:
  explicit Ring(RecentEvents::Options options = {}, uint64_t head = 0)
      : recent_(options, Position(head)), head_(head) {}

  void Add(const std::vector<Traits>& events, uint32_t tenant = 0) {
    recent_.Add(Position(head_ + 1),
                std::make_shared<const CommitTraits>(CommitWith(events, tenant)));
    head_ += events.size();
  }
  RecentEvents::Answer Ask(const EventFilter& filter, uint64_t after) const {
    return recent_.FirstMatch(0, filter, Position(after), Position(head_));
  }
  // 0: no event matches.
  uint64_t Find(const EventFilter& filter, uint64_t after = 0) const {
    const RecentEvents::Answer answer = Ask(filter, after);
    EXPECT_TRUE(answer.covered);
    return answer.match.value_or(Position()).value;
  }
  const RecentEvents& recent() const { return recent_; }
  uint64_t head() const { return head_; }

 private:
  RecentEvents recent_;
  uint64_t head_;
};

TEST(RecentEventsTest, FindsTheFirstMatchBehindAPosition) {
  Ring ring;
  ring.Add({{.type = "a"}, {.type = "b"}});
  ring.Add({{.type = "a"}, {.type = "b"}, {.type = "c"}});
  EXPECT_EQ(ring.Find(OfOneType("b")), 2u);
  EXPECT_EQ(ring.Find(OfOneType("b"), 1), 2u);
  EXPECT_EQ(ring.Find(OfOneType("b"), 2), 4u);
  EXPECT_EQ(ring.Find(OfOneType("b"), 4), 0u);
  EXPECT_EQ(ring.Find({}, 3), 4u);
  EXPECT_EQ(ring.Find({}, 5), 0u);
}

TEST(RecentEventsTest, LooksNoFurtherThanItIsAsked) {
  Ring ring;
  ring.Add({{.type = "a"}, {.type = "b"}, {.type = "b"}});
  const auto answer = ring.recent().FirstMatch(0, OfOneType("b"), Position(0), Position(1));
  EXPECT_TRUE(answer.covered);
  EXPECT_EQ(answer.match, std::nullopt);
}

TEST(RecentEventsTest, AgreesWithTheFilterOnEveryTrait) {
  std::vector<Traits> events;
  for (int i = 0; i < 60; ++i) {
    events.push_back({absl::StrCat("cat", i % 3, "-", i),
                      absl::StrCat("type", i % 5),
                      {absl::StrCat("tag", i % 7), absl::StrCat("tag", i % 4 + 10)},
                      absl::StrCat("process", i % 6)});
  }
  Ring ring;
  for (const Traits& event : events) ring.Add({event});
  const std::vector<EventFilter> filters = {
      OfOneType("type3"),
      OfOneType("absent"),
      {{{.tags = {"tag3", "tag12"}}}},
      {{{.tags = {"tag3", "tag4"}}}},
      {{{.categories = {"cat1"}}}},
      {{{.correlation_ids = {"process5", "process2"}}}},
      {{{.types = {"type4"}, .categories = {"cat2"}, .tags = {"tag5"}}}},
      {{{.type_prefixes = {"type"}, .tags = {"tag6"}}}},
      {{{.stream_prefixes = {"cat2-5"}}}},
      {{{.types = {"absent"}}, {.tags = {"tag6"}}}},
      {{{.types = {"absent"}}, {}}},
  };
  for (const EventFilter& filter : filters) {
    for (uint64_t after = 0; after <= events.size(); ++after) {
      uint64_t wanted = 0;
      for (uint64_t i = after; i < events.size() && wanted == 0; ++i) {
        const Commit one = CommitWith({events[i]});
        if (filter.Matches(events[i].stream, one.events[0].event)) wanted = i + 1;
      }
      ASSERT_EQ(ring.Find(filter, after), wanted) << after;
    }
  }
}

TEST(RecentEventsTest, TellsNeighboursApartThatDifferInOneTrait) {
  const auto find = [](const Traits& other, const FilterItem& item) {
    Ring ring;
    const Traits same{"order-1", "t", {"a"}, "c"};
    Traits moved = same;
    moved.stream = "order-2";
    ring.Add({same, moved, other});
    return ring.Find(EventFilter{{item}});
  };
  EXPECT_EQ(find({"order-3", "u", {"a"}, "c"}, {.types = {"u"}}), 3u);
  EXPECT_EQ(find({"order-3", "t", {"a", "b"}, "c"}, {.tags = {"b"}}), 3u);
  EXPECT_EQ(find({"order-3", "t", {"a"}, "d"}, {.correlation_ids = {"d"}}), 3u);
  EXPECT_EQ(find({"cart-3", "t", {"a"}, "c"}, {.categories = {"cart"}}), 3u);
}

TEST(RecentEventsTest, KeepsTenantsApart) {
  Ring ring;
  ring.Add({{.type = "a"}}, 7);
  ring.Add({{.type = "a"}});
  EXPECT_EQ(ring.Find(OfOneType("a")), 2u);
}

TEST(RecentEventsTest, SaysWhenItDoesNotReachBackFarEnough) {
  Ring ring({}, 100);
  EXPECT_EQ(ring.recent().Start(), Position(101));
  EXPECT_TRUE(ring.Ask({}, 100).covered);
  EXPECT_FALSE(ring.Ask({}, 99).covered);
  ring.Add({{.type = "a"}});
  EXPECT_FALSE(ring.Ask({}, 99).covered);
  EXPECT_EQ(ring.Ask({}, 100).match, Position(101));
}

TEST(RecentEventsTest, ForgetsTheOldestWithinItsBounds) {
  Ring ring({.events_max = 800, .bytes_max = 1 << 30});
  for (int i = 0; i < 2'000; ++i) ring.Add({{.type = absl::StrCat(i)}});
  const uint64_t start = ring.recent().Start().value;
  EXPECT_GT(start, 2'000u - 800);
  EXPECT_LT(start, 2'000u - 600) << "it should keep most of what it may";
  EXPECT_FALSE(ring.Ask({}, start - 2).covered);
  EXPECT_EQ(ring.Find({}, start - 1), start);
  EXPECT_EQ(ring.Find(OfOneType("1999"), start - 1), 2'000u);
}

TEST(RecentEventsTest, BoundsItsBytes) {
  Ring ring({.events_max = 1'000'000, .bytes_max = 1 << 20});
  for (int i = 0; i < 100; ++i) ring.Add({{.tags = {std::string(100'000, 'x')}}});
  EXPECT_GT(ring.recent().Start(), Position(100 - 12));
  EXPECT_LE(ring.recent().Start(), Position(100));
}

TEST(RecentEventsTest, ShowsReadersEverythingUpToTheHeadTheySaw) {
  Ring ring({.events_max = 2'000, .bytes_max = 1 << 30});
  std::atomic<uint64_t> head{0};
  std::thread reader([&] {
    uint64_t seen = 0;
    while (seen < 20'000) {
      seen = head.load();
      if (seen == 0) continue;
      const auto answer = ring.recent().FirstMatch(0, OfOneType(absl::StrCat(seen)),
                                                   Position(seen - 1), Position(seen));
      EXPECT_TRUE(!answer.covered || answer.match == Position(seen)) << seen;
    }
  });
  for (uint64_t i = 1; i <= 20'000; ++i) {
    ring.Add({{.type = absl::StrCat(i)}});
    head.store(i);
  }
  reader.join();
}

}  // namespace
}  // namespace nexus::log
