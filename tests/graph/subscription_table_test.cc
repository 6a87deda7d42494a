#include "graph/subscription_table.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::graph {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Rows(const SubscriptionTable& table) {
  std::vector<std::string> rows;
  for (const GraphSubscription& row : table.List()) {
    rows.push_back(absl::StrCat(row.principal, " ", row.place, " ", row.type, " x", row.times));
  }
  return rows;
}

TEST(SubscriptionTableTest, HasARowForEachPlaceAndType) {
  SubscriptionTable table;
  FilterItem item;
  item.categories = {"order"};
  item.stream_prefixes = {"cart-"};
  item.types = {"OrderPlaced"};
  item.type_prefixes = {"Cart"};
  table.Note("billing", "", {{item}}, Timestamp{1});
  table.Note("billing", "", {{item}}, Timestamp{2});
  table.Note("audit", "", {}, Timestamp{3});
  table.Note("orders", "order-1", {}, Timestamp{4});
  EXPECT_THAT(Rows(table), ElementsAre("audit * * x1", "billing cart-* Cart* x2",
                                       "billing cart-* OrderPlaced x2", "billing order-* Cart* x2",
                                       "billing order-* OrderPlaced x2", "orders order-1 * x1"));
  EXPECT_EQ(table.List()[1].last_time.micros, 2);
}

TEST(SubscriptionTableTest, TheServersOwnStreamsAreLeftOut) {
  SubscriptionTable table;
  table.Note("admin", "$schemas", {}, Timestamp{1});
  EXPECT_THAT(Rows(table), IsEmpty());
}

TEST(SubscriptionTableTest, TheRowThatWasUsedLongestAgoGoesFirst) {
  SubscriptionTable table(2);
  table.Note("a", "x-1", {}, Timestamp{1});
  table.Note("b", "x-1", {}, Timestamp{2});
  table.Note("a", "x-1", {}, Timestamp{3});
  table.Note("c", "x-1", {}, Timestamp{4});
  EXPECT_THAT(Rows(table), ElementsAre("a x-1 * x2", "c x-1 * x1"));
}

}  // namespace
}  // namespace nexus::graph
