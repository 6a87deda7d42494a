#include "nexus/core/event_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nexus {
namespace {

bool Matches(const FilterItem& item, absl::string_view stream = "order-7",
             absl::string_view type = "order.placed") {
  Event event;
  event.type = std::string(type);
  event.tags = {"eu", "vip"};
  event.correlation_id = "c1";
  return EventFilter{{item}}.Matches(stream, event);
}

TEST(EventFilter, WithoutItemsMatchesEverything) {
  EXPECT_TRUE(EventFilter{}.Matches("order-7", Event{}));
  EXPECT_TRUE(EventFilter{}.MatchesAll());
}

TEST(EventFilter, AnItemWithoutFieldsMatchesEverything) {
  EXPECT_TRUE(Matches({}));
  EXPECT_TRUE((EventFilter{{{.types = {"a"}}, {}}}).MatchesAll());
  EXPECT_FALSE((EventFilter{{{.types = {"a"}}}}).MatchesAll());
}

TEST(EventFilter, TakesAnyOfTheTypes) {
  EXPECT_TRUE(Matches({.types = {"order.paid", "order.placed"}}));
  EXPECT_FALSE(Matches({.types = {"order.paid"}}));
  EXPECT_FALSE(Matches({.types = {"order"}}));
}

TEST(EventFilter, TakesAnyOfThePrefixes) {
  EXPECT_TRUE(Matches({.type_prefixes = {"stock.", "order."}}));
  EXPECT_FALSE(Matches({.type_prefixes = {"stock."}}));
  EXPECT_TRUE(Matches({.stream_prefixes = {"order-"}}));
  EXPECT_FALSE(Matches({.stream_prefixes = {"order-8"}}));
}

TEST(EventFilter, ComparesTheWholeCategory) {
  EXPECT_TRUE(Matches({.categories = {"stock", "order"}}));
  EXPECT_FALSE(Matches({.categories = {"ord"}}));
  EXPECT_TRUE(Matches({.categories = {"inbox"}}, "inbox"));
}

TEST(EventFilter, WantsAllOfTheTags) {
  EXPECT_TRUE(Matches({.tags = {"vip", "eu"}}));
  EXPECT_FALSE(Matches({.tags = {"vip", "us"}}));
}

TEST(EventFilter, TakesAnyOfTheCorrelationIds) {
  EXPECT_TRUE(Matches({.correlation_ids = {"c0", "c1"}}));
  EXPECT_FALSE(Matches({.correlation_ids = {"c"}}));
}

TEST(EventFilter, WantsAllFieldsOfAnItem) {
  EXPECT_TRUE(Matches({.types = {"order.placed"}, .tags = {"eu"}}));
  EXPECT_FALSE(Matches({.types = {"order.placed"}, .tags = {"us"}}));
  EXPECT_FALSE(Matches({.types = {"order.paid"}, .tags = {"eu"}}));
}

TEST(EventFilter, TakesAnyOfItsItems) {
  const EventFilter filter{{{.types = {"a"}}, {.tags = {"eu"}}}};
  Event event;
  event.type = "b";
  EXPECT_FALSE(filter.Matches("s", event));
  event.tags = {"eu"};
  EXPECT_TRUE(filter.Matches("s", event));
}

TEST(EventFilter, JudgesStoredAndNewEventsAlike) {
  const EventFilter filter{{{.types = {"t"}, .categories = {"s"}, .tags = {"x"}}}};
  RecordedEvent stored;
  stored.stream = "s-1";
  stored.type = "t";
  EXPECT_FALSE(filter.Matches(stored));
  stored.tags = {"x"};
  EXPECT_TRUE(filter.Matches(stored));
}

}  // namespace
}  // namespace nexus
