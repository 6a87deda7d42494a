#include <atomic>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

class SubscribeTest : public DaemonFixture {
 protected:
  using Reader = std::unique_ptr<grpc::ClientReader<v1::SubscribeResponse>>;

  void SetUp() override {
    StartDaemon();
    RegisterOrders();
  }

  // The next message of this kind; others are passed over. Null: the call ended.
  static std::unique_ptr<v1::SubscribeResponse> Next(const Reader& reader,
                                                     v1::SubscribeResponse::MessageCase kind) {
    auto response = std::make_unique<v1::SubscribeResponse>();
    while (reader->Read(response.get())) {
      if (response->message_case() == kind) return response;
    }
    return nullptr;
  }
};

TEST_F(SubscribeTest, ShowsHistoryThenLiveWithoutAGapOrADuplicate) {
  constexpr uint64_t kEvents = 2'000;
  const auto context = Context();
  v1::SubscribeRequest request;
  request.set_stream("order-1");
  request.set_batch_events_max(64);
  std::atomic<bool> failed{false};
  std::thread writer([&] {
    for (uint64_t sent = 0; sent < kEvents; sent += 10) {
      v1::AppendRequest append = OneEvent("order-1", "order.placed", R"({"total": 1})");
      for (int i = 1; i < 10; ++i) {
        *append.mutable_streams(0)->add_events() = append.streams(0).events(0);
      }
      if (!Append(append).ok()) failed = true;
    }
  });
  const Reader reader = events_->Subscribe(context.get(), request);
  uint64_t next = 0;
  v1::SubscribeResponse response;
  while (next < kEvents && reader->Read(&response)) {
    for (const v1::Event& event : response.batch().events()) EXPECT_EQ(event.revision(), next++);
    if (response.has_batch()) {
      EXPECT_EQ(response.batch().checkpoint() + 1, next);
    }
  }
  writer.join();
  EXPECT_FALSE(failed);
  EXPECT_EQ(next, kEvents);
  context->TryCancel();
}

TEST_F(SubscribeTest, SaysWhenItHasCaughtUpAndResumesAfterACheckpoint) {
  ASSERT_TRUE(AppendOrder("order-1", R"({"total": 1})").ok());
  const auto context = Context();
  v1::SubscribeRequest request;
  request.set_exclude_system(true);
  const Reader reader = events_->Subscribe(context.get(), request);
  const auto batch = Next(reader, v1::SubscribeResponse::kBatch);
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->batch().events(0).type(), "order.placed");
  const auto caught_up = Next(reader, v1::SubscribeResponse::kCaughtUp);
  ASSERT_NE(caught_up, nullptr);
  EXPECT_EQ(caught_up->caught_up().checkpoint(), batch->batch().checkpoint());
  context->TryCancel();

  ASSERT_TRUE(AppendOrder("order-2", R"({"total": 2})").ok());
  const auto again = Context();
  request.set_after(caught_up->caught_up().checkpoint());
  const Reader resumed = events_->Subscribe(again.get(), request);
  const auto next = Next(resumed, v1::SubscribeResponse::kBatch);
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(next->batch().events(0).stream(), "order-2");
  again->TryCancel();
}

TEST_F(SubscribeTest, SendsHeartbeatsWhileNothingHappens) {
  const auto context = Context();
  v1::SubscribeRequest request;
  request.mutable_end();
  request.mutable_heartbeat_interval()->set_nanos(100'000'000);
  const Reader reader = events_->Subscribe(context.get(), request);
  const auto heartbeat = Next(reader, v1::SubscribeResponse::kHeartbeat);
  ASSERT_NE(heartbeat, nullptr);
  EXPECT_EQ(heartbeat->heartbeat().head(), 3u);  // the policies, the schema, who gave it
  context->TryCancel();
}

TEST_F(SubscribeTest, RefusesACheckpointThatTheLogHasNotReached) {
  const auto context = Context();
  v1::SubscribeRequest request;
  request.set_after(1'000'000);
  const Reader reader = events_->Subscribe(context.get(), request);
  v1::SubscribeResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(ReasonOf(reader->Finish()), "POSITION_BEYOND_HEAD");
}

TEST_F(SubscribeTest, ASubscriberThatDoesNotReadHoldsUpNobody) {
  const auto context = Context();
  v1::SubscribeRequest request;
  const Reader idle = events_->Subscribe(context.get(), request);
  const std::string large =
      absl::StrCat(R"({"total": 1, "note": ")", std::string(200'000, 'x'), "\"}");
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(AppendOrder(absl::StrCat("order-", i), large).ok());
  }
  size_t events = 0;
  v1::SubscribeResponse response;
  while (events < 103 && idle->Read(&response)) {
    events += static_cast<size_t>(response.batch().events_size());
  }
  EXPECT_EQ(events, 103u) << "the policies, the schema, who gave it, and all that was appended";
  context->TryCancel();
}

}  // namespace
}  // namespace nexus::integration
