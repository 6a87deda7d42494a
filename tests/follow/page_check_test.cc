#include "follow/page_check.h"

#include "gtest/gtest.h"

namespace nexus::follow {
namespace {

EventBatch PageOf(std::vector<std::pair<uint64_t, uint64_t>> position_and_revision, uint64_t head) {
  EventBatch page;
  page.head = Position(head);
  for (const auto& [position, revision] : position_and_revision) {
    RecordedEvent event;
    event.position = Position(position);
    event.revision = Revision(revision);
    event.stream = "order-1";
    page.events.push_back(event);
  }
  return page;
}

const StreamName kOrder = StreamName::Literal("order-1");

TEST(PageCheckTest, AcceptsADensePage) {
  EXPECT_TRUE(CheckPage(PageOf({{4, 0}, {5, 1}}, 5), std::nullopt, 4).ok());
  EXPECT_TRUE(CheckPage(PageOf({{4, 0}, {9, 1}}, 9), kOrder, 0).ok());
}

TEST(PageCheckTest, RefusesAnEmptyPage) {
  EXPECT_EQ(CheckPage(PageOf({}, 5), std::nullopt, 4).code(), absl::StatusCode::kDataLoss);
}

TEST(PageCheckTest, RefusesAHole) {
  EXPECT_FALSE(CheckPage(PageOf({{4, 0}, {6, 1}}, 6), std::nullopt, 4).ok());
  EXPECT_FALSE(CheckPage(PageOf({{4, 0}, {9, 2}}, 9), kOrder, 0).ok());
}

TEST(PageCheckTest, RefusesAPageThatBeginsElsewhere) {
  EXPECT_FALSE(CheckPage(PageOf({{5, 0}}, 6), std::nullopt, 4).ok());
  EXPECT_FALSE(CheckPage(PageOf({{3, 0}}, 6), std::nullopt, 4).ok());
}

TEST(PageCheckTest, RefusesWhatLiesBeyondTheHead) {
  EXPECT_FALSE(CheckPage(PageOf({{4, 0}, {5, 1}}, 4), std::nullopt, 4).ok());
}

TEST(PageCheckTest, RefusesAnotherStreamsEvent) {
  EXPECT_FALSE(CheckPage(PageOf({{4, 0}}, 4), StreamName::Literal("order-2"), 0).ok());
}

TEST(PageCheckTest, RefusesPositionsThatRunBackwardsInAStream) {
  EXPECT_FALSE(CheckPage(PageOf({{4, 0}, {3, 1}}, 9), kOrder, 0).ok());
}

}  // namespace
}  // namespace nexus::follow
