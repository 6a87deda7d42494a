#include "client/append_load.h"

#include <atomic>
#include <set>

#include "client/fake_nexusd.h"
#include "fake/sequential_ids.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "nexus/core/system_clock.h"

namespace nexus::client {
namespace {

using ::nexus::testing::FakeNexusd;
using ::nexus::testing::RichError;

class AppendLoadTest : public ::testing::Test {
 protected:
  AppendLoadTest() {
    options_.server = server_.address();
    options_.type = "bench.recorded";
    options_.stream_prefix = "bench";
    options_.clients = 8;
    options_.batch = 3;
    options_.data_bytes = 100;
    options_.duration = absl::Milliseconds(200);
  }

  LoadResult Run() {
    auto result = RunAppendLoad(options_, clock_, ids_, stop_);
    EXPECT_TRUE(result.ok()) << result.status();
    return *std::move(result);
  }

  FakeNexusd server_;
  SystemClock clock_;
  fake::SequentialIds ids_;
  std::atomic<bool> stop_{false};
  LoadOptions options_;
};

TEST_F(AppendLoadTest, EveryRequestIsACommitOfItsOwnWithItsEvents) {
  const LoadResult result = Run();
  EXPECT_GT(result.requests, 0u);
  EXPECT_EQ(result.errors, 0u);
  std::set<std::string> ids;
  std::set<std::string> streams;
  for (const v1::AppendRequest& request : server_.appends()) {
    EXPECT_TRUE(ParseUuid(request.commit_id()).ok());
    ids.insert(request.commit_id());
    streams.insert(request.streams(0).stream());
    ASSERT_EQ(request.streams(0).events_size(), 3);
    EXPECT_EQ(request.streams(0).events(0).data().size(), 100u);
    EXPECT_TRUE(request.streams(0).expected_revision().has_any());
  }
  EXPECT_EQ(ids.size(), server_.appends().size());
  EXPECT_EQ(streams.size(), 8u);
}

TEST_F(AppendLoadTest, CountsErrorsByReason) {
  server_.SetAppendGate([](const v1::AppendRequest&) {
    return RichError(grpc::StatusCode::PERMISSION_DENIED, "POLICY_DENIED", "no");
  });
  options_.errors_in_a_row_max = 20;
  const LoadResult result = Run();
  EXPECT_EQ(result.requests, 0u);
  EXPECT_GE(result.errors, 20u);
  EXPECT_EQ(result.errors_by_reason.at("POLICY_DENIED"), result.errors);
  EXPECT_EQ(result.first_error, "no");
}

TEST_F(AppendLoadTest, WhoIsToldToComeLaterDoes) {
  google::rpc::RetryInfo later;
  later.mutable_retry_delay()->set_nanos(50'000'000);
  server_.SetAppendGate([later](const v1::AppendRequest&) {
    return RichError(grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED", "too many", {&later});
  });
  const LoadResult result = Run();
  EXPECT_GE(result.errors, 8u);
  // In 200 ms each of eight comes four times, and once more at its end.
  EXPECT_LE(result.errors, 40u);
  EXPECT_EQ(result.errors_by_reason.at("OVERLOADED"), result.errors);
}

TEST_F(AppendLoadTest, EndsEarlyWhereTheServerHasGone) {
  options_.server = "127.0.0.1:1";
  options_.duration = absl::Minutes(10);
  options_.errors_in_a_row_max = 50;
  const LoadResult result = Run();
  EXPECT_GE(result.errors, 50u);
  EXPECT_LT(result.duration, absl::Minutes(1));
}

TEST_F(AppendLoadTest, AnOpenLoopKeepsItsRate) {
  options_.rate = 200;
  options_.duration = absl::Milliseconds(500);
  const LoadResult result = Run();
  EXPECT_GT(result.requests, 30u);
  EXPECT_LE(result.requests, 101u);
}

TEST_F(AppendLoadTest, StopsWhenTold) {
  stop_ = true;
  options_.duration = absl::Minutes(10);
  EXPECT_EQ(Run().requests, 0u);
}

TEST_F(AppendLoadTest, SharesTheSlotsAmongThreads) {
  options_.threads = 2;
  options_.streams = 2;
  EXPECT_GT(Run().requests, 0u);
}

TEST(LoadDataTest, IsAsLongAsItIsToBeAndJson) {
  fake::SequentialIds ids;
  for (const int bytes : {14, 15, 256, 4096}) {
    EXPECT_EQ(LoadData(bytes, ids).size(), static_cast<size_t>(bytes));
  }
  EXPECT_EQ(LoadData(14, ids), R"({"payload":""})");
}

}  // namespace
}  // namespace nexus::client
