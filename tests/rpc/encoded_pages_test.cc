#include "rpc/encoded_pages.h"

#include "gtest/gtest.h"
#include "nexus/v1/event_store.pb.h"

namespace nexus::rpc {
namespace {

std::shared_ptr<const EventBatch> PageOf(absl::string_view data) {
  auto page = std::make_shared<EventBatch>();
  page->events.emplace_back().data = data;
  return page;
}

std::string DataIn(const grpc::Slice& bytes) {
  v1::EventBatch batch;
  EXPECT_TRUE(batch.ParseFromArray(bytes.begin(), static_cast<int>(bytes.size())));
  return batch.events_size() == 1 ? batch.events(0).data() : "";
}

TEST(EncodedPagesTest, WritesAPageOnce) {
  EncodedPages pages;
  const auto page = PageOf("one");
  const grpc::Slice first = pages.BytesOf(page);
  EXPECT_EQ(pages.BytesOf(page).begin(), first.begin());
  EXPECT_EQ(DataIn(first), "one");
}

TEST(EncodedPagesTest, TellsPagesApartAndLetsGoOfOldOnes) {
  EncodedPages pages;
  auto first = PageOf("first");
  const std::weak_ptr<const EventBatch> gone = first;
  EXPECT_EQ(DataIn(pages.BytesOf(first)), "first");
  first.reset();
  EXPECT_FALSE(gone.expired());
  for (int i = 0; i < 8; ++i) EXPECT_EQ(DataIn(pages.BytesOf(PageOf("other"))), "other");
  EXPECT_TRUE(gone.expired());
}

}  // namespace
}  // namespace nexus::rpc
