// Filters, bounds and the index over the wire, with the real daemon.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

using ::testing::ElementsAre;

class FilteredReadTest : public DaemonFixture {
 protected:
  // Orders 1 to n; every tenth is tagged "rare", all are "eu".
  void AppendOrders(int n) {
    for (int i = 1; i <= n; ++i) {
      v1::AppendRequest request =
          OneEvent(absl::StrCat("order-", i % 7), "order.placed", R"({"total": 1})");
      v1::NewEvent& event = *request.mutable_streams(0)->mutable_events(0);
      event.add_tags("eu");
      if (i % 10 == 0) event.add_tags("rare");
      const grpc::Status status = Append(request);
      ASSERT_TRUE(status.ok()) << status.error_message();
    }
  }
  static v1::ReadRequest Rare() {
    v1::ReadRequest request;
    request.mutable_filter()->add_items()->add_tags("rare");
    return request;
  }
  std::vector<uint64_t> Positions(const v1::ReadRequest& request) {
    std::vector<v1::Event> events;
    const grpc::Status status = Read(request, &events);
    EXPECT_TRUE(status.ok()) << status.error_message();
    std::vector<uint64_t> positions;
    for (const v1::Event& event : events) positions.push_back(event.position());
    return positions;
  }
  std::string Component(const std::string& name) {
    admin::v1::GetStatusResponse status;
    EXPECT_TRUE(admin_->GetStatus(Context().get(), {}, &status).ok());
    for (const auto& part : status.components()) {
      if (part.name() == name) return part.detail();
    }
    return "";
  }
};

TEST_F(FilteredReadTest, FindsByTagBeforeAndAfterIndexingAndRestarting) {
  StartDaemon();
  RegisterOrders();  // position 2, and 3 tells of it; the policies that decide are 1
  AppendOrders(40);
  EXPECT_THAT(Positions(Rare()), ElementsAre(13, 23, 33, 43));
  ASSERT_TRUE(daemon_->Terminate().ok());
  StartDaemon();
  AppendOrders(10);
  EXPECT_THAT(Positions(Rare()), ElementsAre(13, 23, 33, 43, 53));
  v1::ReadRequest bounded = Rare();
  bounded.set_from(14);
  bounded.set_to(43);
  bounded.set_limit(2);
  EXPECT_THAT(Positions(bounded), ElementsAre(23, 33));
  EXPECT_THAT(Component("index"), ::testing::HasSubstr("indexed to"));
}

TEST_F(FilteredReadTest, RebuildsTheIndexAndTellsHowFarItIs) {
  StartDaemon();
  RegisterOrders();
  AppendOrders(20);
  const auto context = Context();
  const auto reader = admin_->RebuildIndex(context.get(), {});
  admin::v1::RebuildIndexResponse told;
  while (reader->Read(&told)) {
    EXPECT_EQ(told.target(), 23u);
    EXPECT_THAT(Positions(Rare()), ElementsAre(13, 23)) << "reads go on meanwhile";
  }
  const grpc::Status status = reader->Finish();
  EXPECT_TRUE(status.ok()) << status.error_code() << " " << status.error_message();
  EXPECT_EQ(told.indexed_to(), 23u);
}

TEST_F(FilteredReadTest, StartsWithDamagedDerivedDataAndSaysSo) {
  StartDaemon();
  RegisterOrders();
  AppendOrders(20);
  ASSERT_TRUE(daemon_->Terminate().ok());
  std::ofstream(folder_ / "data/derived/CURRENT") << "nonsense";
  StartDaemon();
  EXPECT_THAT(daemon_->Output(), ::testing::HasSubstr("derived data was damaged"));
  EXPECT_THAT(Positions(Rare()), ElementsAre(13, 23));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "data/derived.damaged"));
}

TEST_F(FilteredReadTest, RefusesAFilterThatIsTooLarge) {
  StartDaemon();
  v1::ReadRequest request;
  for (int i = 0; i < 65; ++i) request.mutable_filter()->add_items();
  std::vector<v1::Event> events;
  EXPECT_EQ(ReasonOf(Read(request, &events)), "LIMIT_EXCEEDED");
  request.clear_filter();
  request.mutable_filter()->add_items()->add_types(std::string(256, 'x'));
  const grpc::Status status = Read(request, &events);
  EXPECT_EQ(ReasonOf(status), "LIMIT_EXCEEDED");
  EXPECT_THAT(status.error_message(), ::testing::HasSubstr("filter.items[0].types[0]"));
}

TEST_F(FilteredReadTest, EndsASubscriptionBehindThePlaceItWasGiven) {
  StartDaemon();
  RegisterOrders();
  AppendOrders(20);
  v1::SubscribeRequest request;
  request.mutable_filter()->add_items()->add_tags("rare");
  request.set_to(15);
  const auto context = Context();
  const auto reader = events_->Subscribe(context.get(), request);
  std::vector<uint64_t> positions;
  v1::SubscribeResponse response;
  while (reader->Read(&response)) {
    for (const v1::Event& event : response.batch().events()) positions.push_back(event.position());
  }
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_THAT(positions, ElementsAre(13));
}

}  // namespace
}  // namespace nexus::integration
