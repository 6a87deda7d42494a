// A webhook that is slow, and producers who wait for it a little.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "harness/http/http_receiver.h"
#include "http/raw_connection.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

using ::testing::UnorderedElementsAreArray;

constexpr char kPace[] = "nexus_append_pace_seconds{route=\"pay\"}";
constexpr char kPaced[] = "nexus_append_paced_total";
// A look at a machine that stands still for seconds may come when the promise is broken already.
constexpr int kTriesMax = 5;

class PacedAppendTest : public DaemonFixture {
 protected:
  void Start(const std::vector<std::string>& arguments) {
    StartDaemon(arguments);
    RegisterOrders();
    admin::v1::ApplyRouteRequest request;
    request.set_declaration(absl::StrCat(
        R"({"name": "pay", "match": {"categories": ["pay"]}, "sink": {"kind": "webhook",
            "settings": {"timeout_ms": 120000, "url": ")",
        receiver_.url(), R"("}}})"));
    admin::v1::ApplyRouteResponse answer;
    const grpc::Status status = routes_->ApplyRoute(Context().get(), request, &answer);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  void AppendTo(const std::string& stream) {
    v1::AppendResponse response;
    const grpc::Status status =
        Append(OneEvent(stream, "order.placed", R"({"total": 5})"), &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    if (absl::StartsWith(stream, "pay-"))
      appended_.push_back(absl::StrCat(response.last_position()));
  }
  // While it is on, what is posted is not answered.
  void HoldPosts(bool on) {
    absl::MutexLock lock(&mutex_);
    held_ = on;
  }
  // Appends until the route lags, and then once more.
  void AppendWhileItLags() {
    HoldPosts(true);
    AppendTo(absl::StrCat("pay-", ++streams_));
    ASSERT_TRUE(fake::Eventually([&] { return Metric(kPace) > 0; }));
    AppendTo(absl::StrCat("pay-", ++streams_));
    HoldPosts(false);
    ASSERT_TRUE(receiver_.WaitFor(appended_.size()));
  }
  double Metric(const std::string& series) {
    http::RawConnection connection(daemon_->endpoints().http);
    connection.Send("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    for (const std::string& line :
         std::vector<std::string>(absl::StrSplit(connection.ReadAll(), absl::ByAnyChar("\r\n")))) {
      double value = 0;
      if (absl::StartsWith(line, series + " ") &&
          absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value)) {
        return value;
      }
    }
    return 0;
  }

  absl::Mutex mutex_;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  harness::HttpReceiver receiver_{[this](const harness::HttpPost&) {
    absl::MutexLock lock(&mutex_);
    const auto goes_on = [this] {
      mutex_.AssertHeld();
      return !held_;
    };
    mutex_.Await(absl::Condition(&goes_on));
    return harness::HttpReply();
  }};
  int streams_ = 0;
  std::vector<std::string> appended_;  // positions
};

TEST_F(PacedAppendTest, WaitForASlowRouteAndNothingIsLost) {
  ASSERT_NO_FATAL_FAILURE(Start({"--set", "route.pace_appends_max_ms=1000"}));
  ASSERT_NO_FATAL_FAILURE(AppendTo("pay-0"));
  ASSERT_TRUE(receiver_.WaitFor(1));
  EXPECT_EQ(Metric(kPaced), 0);
  for (int i = 0; i < kTriesMax && Metric(kPaced) == 0; ++i) {
    ASSERT_NO_FATAL_FAILURE(AppendWhileItLags());
  }
  EXPECT_GE(Metric(kPaced), 1);
  // It has caught up, so it asks nobody to wait any more.
  ASSERT_TRUE(fake::Eventually([&] { return Metric(kPace) == 0; }));
  const double before = Metric(kPaced);
  ASSERT_NO_FATAL_FAILURE(AppendTo("pay-0"));
  EXPECT_EQ(Metric(kPaced), before);
  ASSERT_TRUE(receiver_.WaitFor(appended_.size()));
  std::vector<std::string> arrived;
  for (const harness::HttpPost& post : receiver_.posts()) {
    arrived.push_back(post.headers.at("ce-nexusposition"));
  }
  EXPECT_THAT(arrived, UnorderedElementsAreArray(appended_));
}

TEST_F(PacedAppendTest, WhatGoesToNoSuchRouteDoesNotWait) {
  ASSERT_NO_FATAL_FAILURE(Start({"--set", "route.pace_appends_max_ms=1000"}));
  HoldPosts(true);
  ASSERT_NO_FATAL_FAILURE(AppendTo("pay-0"));
  ASSERT_TRUE(fake::Eventually([&] { return Metric(kPace) > 0; }));
  ASSERT_NO_FATAL_FAILURE(AppendTo("order-1"));
  EXPECT_EQ(Metric(kPaced), 0);
  HoldPosts(false);
}

}  // namespace
}  // namespace nexus::integration
